//! What holds for every text, every cut and every order.
