//! Signatures at and beyond the borders, and tokens that were changed.

use aws_lc_rs::signature::KeyPair;
use serde_json::{Value, json};

use super::with;
use crate::signer::{Signer, b64};

/// The order of P-256.
const N: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
    0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// A whole number in the DER form, with as many zeros before it as asked for.
fn der_number(bytes: &[u8], zeros: usize) -> Vec<u8> {
    let digits: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
    let sign = usize::from(digits.first().is_none_or(|byte| *byte >= 0x80));
    let body = [vec![0; zeros + sign], digits].concat();
    [vec![2, body.len() as u8], body].concat()
}

/// The menu of the Wycheproof vectors for the two algorithms, made for our own key: values at and beyond the borders, other forms of
/// the same numbers, other paddings and hashes. (`s` and `n - s` both sign the same; that is no forgery.)
pub(super) fn edge_signatures(signer: &Signer, message: &[u8]) -> Vec<(String, Vec<u8>)> {
    let good = signer.signature(message);
    let mut cases: Vec<(String, Vec<u8>)> = Vec::new();
    if let Signer::Rsa(pair) = signer {
        let n = pair.public_key().modulus().big_endian_without_leading_zero().to_vec();
        let mut below = n.clone();
        *below.last_mut().unwrap() -= 1;
        let one = [vec![0; n.len() - 1], vec![1]].concat();
        // The signature and the modulus added, which is the same number modulo it.
        let mut sum = vec![0_u8; n.len() + 1];
        let mut carry = 0_u16;
        for at in (0..n.len()).rev() {
            let digit = u16::from(good[at]) + u16::from(n[at]) + carry;
            sum[at + 1] = digit as u8;
            carry = digit >> 8;
        }
        sum[0] = carry as u8;
        cases.extend([
            ("zero".to_owned(), vec![0; n.len()]),
            ("one".to_owned(), one),
            ("n - 1".to_owned(), below),
            ("n".to_owned(), n.clone()),
            ("s + n".to_owned(), sum.clone()),
            ("s + n, cut".to_owned(), sum[1..].to_vec()),
            ("leading zero".to_owned(), [&[0][..], &good].concat()),
            ("trailing zero".to_owned(), [&good[..], &[0]].concat()),
            ("first byte gone".to_owned(), good[1..].to_vec()),
            ("last byte gone".to_owned(), good[..good.len() - 1].to_vec()),
            ("reversed".to_owned(), good.iter().rev().copied().collect()),
        ]);
        cases
            .extend(signer.other_paddings(message).into_iter().map(|(name, bytes)| (name.to_owned(), bytes)));
    } else {
        let (r, s) = good.split_at(32);
        let mut above = N;
        above[31] += 1;
        let mut below = N;
        below[31] -= 1;
        let mut one = [0; 32];
        one[31] = 1;
        let borders = [
            ("0", [0; 32]),
            ("1", one),
            ("n - 1", below),
            ("n", N),
            ("n + 1", above),
            ("2^256 - 1", [0xff; 32]),
        ];
        for (name, border) in &borders {
            cases.push((format!("r = {name}"), [&border[..], s].concat()));
            cases.push((format!("s = {name}"), [r, border].concat()));
            for (other_name, other) in &borders {
                cases.push((format!("r = {name}, s = {other_name}"), [&border[..], other].concat()));
            }
        }
        for (name, zeros) in [("DER", 0), ("DER with zeros before", 2)] {
            let numbers = [der_number(r, zeros), der_number(s, zeros)].concat();
            let der = [vec![0x30, numbers.len() as u8], numbers.clone()].concat();
            let long = [vec![0x30, 0x81, numbers.len() as u8], numbers].concat();
            cases.push((name.to_owned(), der.clone()));
            cases.push((format!("{name}, long length"), long));
            cases.push((format!("{name}, with something after"), [der, vec![0]].concat()));
        }
        cases.extend([
            ("s before r".to_owned(), [s, r].concat()),
            ("r twice".to_owned(), [r, r].concat()),
            ("leading zero".to_owned(), [&[0][..], &good].concat()),
            ("zero before each".to_owned(), [&[0][..], r, &[0], s].concat()),
            ("trailing zero".to_owned(), [&good[..], &[0]].concat()),
            ("first byte gone".to_owned(), good[1..].to_vec()),
            ("last byte gone".to_owned(), good[..63].to_vec()),
            ("r alone".to_owned(), r.to_vec()),
            ("as for P-384".to_owned(), [&[0; 16][..], r, &[0; 16], s].concat()),
            ("as for P-521".to_owned(), [&[0; 34][..], r, &[0; 34], s].concat()),
        ]);
    }
    cases
}

/// Changes of the text of a right token.
pub(super) fn raw_mutations(
    good: &str,
    signer: &Signer,
    header: &Value,
    claims: &Value,
) -> Vec<(String, String)> {
    let parts: Vec<&str> = good.split('.').collect();
    let (h, p, s) = (parts[0], parts[1], parts[2]);
    let mut cases: Vec<(String, String)> = [
        ("empty", String::new()),
        ("dots", "..".to_owned()),
        ("one part", h.to_owned()),
        ("two parts", format!("{h}.{p}")),
        ("no signature", format!("{h}.{p}.")),
        ("four parts", format!("{good}.{s}")),
        ("five parts", format!("{h}.{p}.{s}.{s}.{s}")),
        ("space before", format!(" {good}")),
        ("space after", format!("{good} ")),
        ("line after", format!("{good}\n")),
        ("NUL after", format!("{good}\u{0}")),
        ("NUL inside", format!("{h}.{p}\u{0}.{s}")),
        ("padding", format!("{h}=.{p}=.{s}=")),
        ("padding of signature", format!("{h}.{p}.{s}==")),
        ("line inside", format!("{h}.{p}.{}\n{}", &s[..10], &s[10..])),
        ("space inside", format!("{h}.{} {}.{s}", &p[..10], &p[10..])),
        ("standard alphabet", format!("{h}.{p}.{}", format!("{s}+/").replace('-', "+").replace('_', "/"))),
        ("swapped", format!("{p}.{h}.{s}")),
        ("signature of header", format!("{h}.{p}.{}", b64(signer.signature(h.as_bytes())))),
        ("signature of payload", format!("{h}.{p}.{}", b64(signer.signature(p.as_bytes())))),
        (
            "signature with another hash",
            format!("{h}.{p}.{}", b64(signer.other_signature(format!("{h}.{p}").as_bytes()))),
        ),
        ("signature twice", format!("{h}.{p}.{s}{s}")),
        ("signature halved", format!("{h}.{p}.{}", &s[..s.len() / 2])),
        ("signature of zeros", format!("{h}.{p}.{}", b64([0_u8; 256]))),
        ("short signature of zeros", format!("{h}.{p}.{}", b64([0_u8; 64]))),
        ("signature of ones", format!("{h}.{p}.{}", b64([0xff_u8; 256]))),
        ("huge signature", format!("{h}.{p}.{}", "A".repeat(1_000_000))),
        ("huge payload", format!("{h}.{}.{s}", "A".repeat(1_000_000))),
        ("huge header", format!("{}.{p}.{s}", "A".repeat(1_000_000))),
        ("JSON serialization", json!({"protected": h, "payload": p, "signature": s}).to_string()),
        ("unicode dots", good.replace('.', "\u{ff0e}")),
    ]
    .into_iter()
    .map(|(name, token)| (name.to_owned(), token))
    .collect();

    for (name, signature) in edge_signatures(signer, format!("{h}.{p}").as_bytes()) {
        cases.push((format!("edge signature: {name}"), format!("{h}.{p}.{}", b64(signature))));
    }

    // Another payload under the old signature, and one that is signed but can be read in two ways.
    let richer = with(claims, &json!({"org_role": "org:owner"}));
    cases.push(("payload changed".to_owned(), format!("{h}.{}.{s}", b64(richer.to_string()))));
    let text = claims.to_string();
    let header_text = header.to_string();
    let doubled =
        |name: &str, value: &str| format!("{},\"{name}\":{value}}}", text.strip_suffix('}').unwrap());
    for (name, value) in [
        ("sub", "\"user_2\""),
        ("exp", "9999999999"),
        ("iss", "\"x\""),
        ("org_role", "\"org:owner\""),
        ("s\\u0075b", "\"user_2\""),
    ] {
        cases.push((format!("{name} twice"), signer.token_of(&header_text, &doubled(name, value))));
    }
    let two_algorithms = format!("{},\"alg\":\"none\"}}", header_text.strip_suffix('}').unwrap());
    cases.push(("alg twice".to_owned(), signer.token_of(&two_algorithms, &text)));
    for claims in ["", "null", "[]", "7", "\"x\"", "{", "{}", "{}{}", "{\"a\":1e999}", "\u{feff}{}"] {
        cases.push((format!("claims {claims}"), signer.token_of(&header_text, claims)));
    }
    cases.push((
        "claims after a byte-order mark".to_owned(),
        signer.token_of(&header_text, &format!("\u{feff}{text}")),
    ));
    cases
        .push(("claims with something after".to_owned(), signer.token_of(&header_text, &format!("{text}x"))));
    cases.push((
        "claims deep".to_owned(),
        signer.token_of(&header_text, &format!("{}1{}", "{\"a\":".repeat(3000), "}".repeat(3000))),
    ));
    for header in ["", "null", "[]", "{", "\"RS256\"", "{}"] {
        cases.push((format!("header {header}"), signer.token_of(header, &text)));
    }

    // Every position of the token once with another letter; the last letters of a part also test canonical base64.
    for position in (0..good.len()).step_by(7).chain([h.len() - 1, h.len() + p.len(), good.len() - 1]) {
        let mut bytes = good.as_bytes().to_vec();
        bytes[position] = match bytes[position] {
            b'A' => b'B',
            _ => b'A',
        };
        cases.push((format!("letter {position} changed"), String::from_utf8(bytes).unwrap()));
    }
    // The last letter of an RSA signature carries unused bits; another letter with the same bytes is another token.
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars() {
        if !s.ends_with(letter) {
            cases.push((format!("last letter {letter}"), format!("{}{letter}", &good[..good.len() - 1])));
        }
    }
    cases
}
