//! The file: `FWMODEL1`, BLAKE3 of the rest, then everything in little endian, tables last.
//! A table is a list of runs: how many slots are empty, how many follow, and the weights of those.

use super::{Head, Parts};
use crate::calibration::Calibration;
use crate::error::ModelError;
use crate::features::VERSION;
use crate::weights::Bank;
use crate::windows::Windows;

const MAGIC: &[u8; 8] = b"FWMODEL1";
/// Set beside the version of the features in files that say what length costs. Without it length costs nothing.
const COSTS: u16 = 1 << 8;
const MAX_BANKS: usize = 4;
const MAX_HEADS: usize = 32;
const MAX_NAME: usize = 32;
const MAX_PROVENANCE: usize = 1 << 20;

pub(super) fn check(parts: &Parts) -> Result<(), ModelError> {
    let fails = ModelError::format;
    if parts.banks.is_empty() || parts.banks.len() > MAX_BANKS || parts.heads.len() > MAX_HEADS {
        return Err(fails("the number of tables or heads is out of bounds"));
    }
    if parts.banks.iter().map(Bank::heads).sum::<usize>() != parts.heads.len() {
        return Err(fails("tables and heads do not fit each other"));
    }
    if !(parts.word_norm.is_finite() && (0.01..=100.0).contains(&parts.word_norm)) {
        return Err(fails("the weight of words is out of bounds"));
    }
    if !(0.0..=1e4).contains(&parts.pad) {
        return Err(fails("what is added to the length is out of bounds"));
    }
    let cost = |cost: f32| (0.0..=1e2).contains(&cost);
    if !(cost(parts.length_cost) && cost(parts.window_cost)) {
        return Err(fails("what length costs is out of bounds"));
    }
    if parts.provenance.len() > MAX_PROVENANCE {
        return Err(fails("the provenance is too long"));
    }
    for (at, head) in parts.heads.iter().enumerate() {
        if !is_name(&head.name) || !head.lists.iter().all(|list| is_name(list)) {
            return Err(fails("the name of a head is not one"));
        }
        if head.lists.len() > MAX_HEADS {
            return Err(fails("a head has too many lists of phrases"));
        }
        if parts
            .heads
            .iter()
            .take(at)
            .any(|other| other.name == head.name)
        {
            return Err(fails("two heads have one name"));
        }
        let bounded = |value: f32| value.is_finite() && value.abs() <= 1e6;
        if !(bounded(head.bias) && bounded(head.scale) && bounded(head.phrase)) {
            return Err(fails("a number of a head is out of bounds"));
        }
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(fits)
}

pub(super) fn encode(parts: &Parts) -> Vec<u8> {
    let mut out = Vec::new();
    let costs = parts.length_cost > 0.0 || parts.window_cost > 0.0;
    let version = if costs { VERSION | COSTS } else { VERSION };
    out.extend_from_slice(&version.to_le_bytes());
    let (size, over) = parts
        .windows
        .map_or((0, 0), |windows| (windows.size(), windows.over()));
    out.extend_from_slice(&size.to_le_bytes());
    out.extend_from_slice(&over.to_le_bytes());
    out.extend_from_slice(&parts.word_norm.to_le_bytes());
    out.extend_from_slice(&parts.pad.to_le_bytes());
    if costs {
        out.extend_from_slice(&parts.length_cost.to_le_bytes());
        out.extend_from_slice(&parts.window_cost.to_le_bytes());
    }
    out.push(parts.heads.len() as u8);
    for head in &parts.heads {
        out.push(head.name.len() as u8);
        out.extend_from_slice(head.name.as_bytes());
        for number in [head.bias, head.scale, head.phrase] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.push(head.lists.len() as u8);
        for list in &head.lists {
            out.push(list.len() as u8);
            out.extend_from_slice(list.as_bytes());
        }
        for calibration in &head.calibrations {
            out.push(calibration.knots().len() as u8);
            for (raw, logit) in calibration.knots() {
                out.extend_from_slice(&raw.to_le_bytes());
                out.extend_from_slice(&logit.to_le_bytes());
            }
        }
    }
    out.extend_from_slice(&(parts.provenance.len() as u32).to_le_bytes());
    out.extend_from_slice(parts.provenance.as_bytes());
    out.push(parts.banks.len() as u8);
    for bank in &parts.banks {
        out.push(bank.bits());
        out.push(bank.heads() as u8);
        table(bank, &mut out);
    }
    let mut file = Vec::with_capacity(out.len() + 40);
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(blake3::hash(&out).as_bytes());
    file.append(&mut out);
    file
}

fn table(bank: &Bank, out: &mut Vec<u8>) {
    let slots: Vec<&[i8]> = bank.weights().chunks(bank.heads()).collect();
    let is_empty = |slot: &&[i8]| slot.iter().all(|w| *w == 0);
    let mut rest = slots.as_slice();
    while !rest.is_empty() {
        let empty = rest.iter().take_while(|slot| is_empty(slot)).count();
        rest = rest.get(empty..).unwrap_or_default();
        let full = rest.iter().take_while(|slot| !is_empty(slot)).count();
        number(empty, out);
        number(full, out);
        for slot in rest.iter().take(full) {
            out.extend(slot.iter().map(|w| *w as u8));
        }
        rest = rest.get(full..).unwrap_or_default();
    }
}

/// Seven bits a byte, the lowest first; the highest bit says that there is more.
fn number(mut value: usize, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// What is left to read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], ModelError> {
        let (taken, rest) = self
            .0
            .split_at_checked(count)
            .ok_or(ModelError::format("the file ends early"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ModelError> {
        let taken = self.take(N)?;
        taken
            .try_into()
            .map_err(|_| ModelError::format("the file ends early"))
    }

    fn byte(&mut self) -> Result<u8, ModelError> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn u32(&mut self) -> Result<u32, ModelError> {
        self.array().map(u32::from_le_bytes)
    }

    fn f32(&mut self) -> Result<f32, ModelError> {
        self.array().map(f32::from_le_bytes)
    }

    fn text(&mut self, length: usize) -> Result<String, ModelError> {
        let text = std::str::from_utf8(self.take(length)?);
        text.map(str::to_owned)
            .map_err(|_| ModelError::format("a text is not UTF-8"))
    }

    fn number(&mut self) -> Result<usize, ModelError> {
        let mut value = 0;
        for shift in [0, 7, 14, 21] {
            let byte = self.byte()?;
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(ModelError::format("a number is too long"))
    }
}

pub(super) fn decode(bytes: &[u8]) -> Result<Parts, ModelError> {
    if bytes.len() > super::Model::MAX_BYTES {
        return Err(ModelError::format("the file is too large"));
    }
    let mut reader = Reader(bytes);
    if reader.take(MAGIC.len()).ok() != Some(MAGIC) {
        return Err(ModelError::format("the file does not begin like one"));
    }
    let digest: [u8; 32] = reader.array()?;
    if blake3::hash(reader.0) != digest {
        return Err(ModelError::format(
            "the file is damaged: its digest differs",
        ));
    }
    let version = u16::from_le_bytes(reader.array()?);
    let costs = version & COSTS != 0;
    if version & !COSTS != VERSION {
        return Err(ModelError::format(
            "it was trained for another version of the features",
        ));
    }
    let (size, over) = (reader.u32()?, reader.u32()?);
    let windows = (size != 0).then(|| Windows::new(size, over));
    if windows.is_some_and(|windows| windows.size() != size || windows.over() != over) {
        return Err(ModelError::format("the windows are out of bounds"));
    }
    let word_norm = reader.f32()?;
    let pad = reader.f32()?;
    let (length_cost, window_cost) = if costs {
        (reader.f32()?, reader.f32()?)
    } else {
        (0.0, 0.0)
    };
    let count = usize::from(reader.byte()?);
    if count > MAX_HEADS {
        return Err(ModelError::format("there are too many heads"));
    }
    let heads = (0..count)
        .map(|_| head(&mut reader))
        .collect::<Result<Vec<_>, _>>()?;
    let length = reader.u32()? as usize;
    let provenance = reader.text(length)?;
    let count = usize::from(reader.byte()?);
    if count > MAX_BANKS {
        return Err(ModelError::format("there are too many tables"));
    }
    let banks = (0..count)
        .map(|_| bank(&mut reader))
        .collect::<Result<Vec<_>, _>>()?;
    if !reader.0.is_empty() {
        return Err(ModelError::format("something follows the last table"));
    }
    Ok(Parts {
        windows,
        word_norm,
        pad,
        length_cost,
        window_cost,
        banks,
        heads,
        provenance,
    })
}

fn head(reader: &mut Reader<'_>) -> Result<Head, ModelError> {
    let length = usize::from(reader.byte()?);
    let name = reader.text(length)?;
    let (bias, scale, phrase) = (reader.f32()?, reader.f32()?, reader.f32()?);
    let count = usize::from(reader.byte()?);
    let lists = (0..count).map(|_| {
        let length = usize::from(reader.byte()?);
        reader.text(length)
    });
    let lists = lists.collect::<Result<Vec<_>, _>>()?;
    let calibrations = [calibration(reader)?, calibration(reader)?];
    Ok(Head {
        name,
        bias,
        scale,
        phrase,
        lists,
        calibrations,
    })
}

fn calibration(reader: &mut Reader<'_>) -> Result<Calibration, ModelError> {
    let count = usize::from(reader.byte()?);
    if count > Calibration::MAX_KNOTS {
        return Err(ModelError::format("a calibration has too many points"));
    }
    let knots = (0..count)
        .map(|_| Ok((reader.f32()?, reader.f32()?)))
        .collect::<Result<Vec<_>, _>>()?;
    Calibration::new(knots).ok_or(ModelError::format("a calibration does not rise"))
}

fn bank(reader: &mut Reader<'_>) -> Result<Bank, ModelError> {
    let (bits, heads) = (reader.byte()?, reader.byte()?);
    if !(Bank::MIN_BITS..=Bank::MAX_BITS).contains(&bits) || !(1..=Bank::MAX_HEADS).contains(&heads)
    {
        return Err(ModelError::format("a table is out of bounds"));
    }
    let stride = usize::from(heads);
    let size = (2_usize << bits) * stride;
    let mut weights = Vec::with_capacity(size + Bank::PADDING);
    while weights.len() < size {
        let (empty, full) = (reader.number()? * stride, reader.number()? * stride);
        if (empty, full) == (0, 0) || weights.len() + empty + full > size {
            return Err(ModelError::format("a table does not fit its size"));
        }
        weights.resize(weights.len() + empty, 0);
        weights.extend(reader.take(full)?.iter().map(|byte| *byte as i8));
    }
    Bank::new(bits, heads, weights).ok_or(ModelError::format("a table does not fit its size"))
}
