//! Kinds of numbers, and the words that they stand after.

use std::ops::RangeInclusive;

use super::check;
use crate::entity::Entity;

pub(super) struct Kind {
    pub(super) entity: Entity,
    pub(super) scheme: &'static str,
    pub(super) words: &'static [&'static str],
    /// How far the word may be from the number, in letters and spaces.
    pub(super) near: usize,
    pub(super) lengths: RangeInclusive<usize>,
    pub(super) check: Option<fn(&[u8]) -> bool>,
}

/// Whether any of the words may be near: all have one of these threes of letters, or are in other scripts. Numbers
/// are many, and reading words takes longer.
pub(super) fn may_say(before: &[u8]) -> bool {
    let tail = &before[before.len().saturating_sub(NEAREST)..];
    !tail.is_ascii()
        || tail.windows(3).any(|three| {
            matches!(
                &[three[0] | 0x20, three[1] | 0x20, three[2] | 0x20],
                b"rou"
                    | b"aba"
                    | b"rtn"
                    | b"ort"
                    | b"bsb"
                    | b"ran"
                    | b"blz"
                    | b"lei"
                    | b"cla"
                    | b"cbu"
                    | b"cvu"
                    | b"cou"
                    | b"acc"
                    | b"ank"
                    | b"kto"
                    | b"ont"
                    | b"rek"
                    | b"mpt"
                    | b"nta"
                    | b"cct"
                    | b"uct"
                    | b"uen"
                    | b"szl"
                    | b"sza"
            ) || matches!(three, [b'a' | b'A', b'/' | b' ' | b'_' | b'-', b'c' | b'C'])
        })
}

/// How many bytes before a number are looked at.
const NEAREST: usize = crate::detect::context::NEAR;

/// `number is`.
const NEAR: usize = 16;

pub(super) const KINDS: &[Kind] = &[
    Kind {
        entity: Entity::BankRouting,
        scheme: "us-aba",
        words: &[
            "routing",
            "routing number",
            "routing no",
            "routing transit number",
            "routingnumber",
            "aba",
            "aba number",
            "aba routing number",
            "rtn",
        ],
        near: NEAR,
        lengths: 9..=9,
        check: Some(check::aba),
    },
    Kind {
        entity: Entity::BankRouting,
        scheme: "gb-sort-code",
        words: &["sort code", "sort codes", "sortcode", "sort code number"],
        near: NEAR,
        lengths: 6..=6,
        check: None,
    },
    Kind {
        entity: Entity::BankRouting,
        scheme: "au-bsb",
        words: &["bsb", "bsb number", "bsb no"],
        near: NEAR,
        lengths: 6..=6,
        check: None,
    },
    Kind {
        entity: Entity::BankRouting,
        scheme: "ca-transit",
        words: &[
            "transit number",
            "transit no",
            "institution and transit number",
        ],
        near: NEAR,
        lengths: 8..=9,
        check: None,
    },
    Kind {
        entity: Entity::BankRouting,
        scheme: "de-blz",
        words: &["blz", "bankleitzahl"],
        near: NEAR,
        lengths: 8..=8,
        check: None,
    },
    Kind {
        entity: Entity::BankAccount,
        scheme: "mx-clabe",
        words: &["clabe", "clabe interbancaria"],
        near: NEAR,
        lengths: 18..=18,
        check: Some(check::clabe),
    },
    Kind {
        entity: Entity::BankAccount,
        scheme: "ar-cbu",
        words: &["cbu", "cvu"],
        near: NEAR,
        lengths: 22..=22,
        check: Some(check::cbu),
    },
    Kind {
        entity: Entity::BankAccount,
        scheme: "account",
        words: &[
            "account number",
            "account no",
            "account num",
            "account nr",
            "account nbr",
            "accountnumber",
            "acct",
            "acct no",
            "acct number",
            "acct num",
            "a c",
            "a c no",
            "a c number",
            "bank account",
            "bank acct",
            "bank account number",
            "checking account",
            "savings account",
            "current account",
            "checking account number",
            "savings account number",
            "deposit account",
            "bankkonto",
            "kontonummer",
            "konto nr",
            "kontonr",
            "kto",
            "kto nr",
            "rekeningnummer",
            "bankrekening",
            "numero de compte",
            "compte bancaire",
            "cuenta bancaria",
            "numero de cuenta",
            "conta bancaria",
            "numero da conta",
            "conta corrente",
            "conto corrente",
            "numero di conto",
            "numer konta",
            "nr konta",
            "cislo uctu",
            "bankszamlaszam",
            "номер счета",
            "расчетный счет",
            "银行账号",
            "账号",
            "口座番号",
            "계좌번호",
        ],
        near: 6,
        lengths: 6..=20,
        check: None,
    },
];
