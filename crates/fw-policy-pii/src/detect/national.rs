//! National and tax numbers, by region of the world.
//!
//! Where no other source is named, the rules are those that the country gives the OECD for its portal on the
//! automatic exchange of information ("Tax identification numbers", one sheet a jurisdiction) or the European
//! Commission ("TIN algorithms", for EU members).

mod africa;
mod balkans;
mod baltic;
mod benelux;
mod british_isles;
mod central_europe;
mod east_asia;
mod eastern_europe;
mod france;
mod german_speaking;
mod iberia;
mod italy;
mod latin_america;
mod nordic;
mod north_america;
mod oceania;
mod south_asia;
mod southeast_asia;
#[cfg(test)]
mod tests;
mod vat;
mod west_asia;

use super::scheme::Scheme;

pub(crate) const TABLES: &[&[Scheme]] = &[
    british_isles::SCHEMES,
    german_speaking::SCHEMES,
    france::SCHEMES,
    iberia::SCHEMES,
    italy::SCHEMES,
    benelux::SCHEMES,
    nordic::SCHEMES,
    baltic::SCHEMES,
    central_europe::SCHEMES,
    balkans::SCHEMES,
    eastern_europe::SCHEMES,
    west_asia::SCHEMES,
    south_asia::SCHEMES,
    southeast_asia::SCHEMES,
    east_asia::SCHEMES,
    oceania::SCHEMES,
    north_america::SCHEMES,
    latin_america::SCHEMES,
    africa::SCHEMES,
    vat::SCHEMES,
];
