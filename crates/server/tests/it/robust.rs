//! Bodies that are no JSON, JSON that is nobody's form, and text that trips programs up.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use domain::Role;
use serde_json::{Value, json};

use crate::house::House;

/// Not JSON, after the cases `n_*` of the JSON test suite.
const BROKEN: &[&[u8]] = &[
    b"",
    b" ",
    b"\xef\xbb\xbf",
    b"\xef\xbb\xbf{}",
    b"{",
    b"}",
    b"[",
    b"]",
    b"[}",
    b"{]",
    b"[1",
    b"[1,",
    b"[,1]",
    b"[1,,2]",
    b"[1,]",
    b"[,]",
    b"[\"\",]",
    b"[1]x",
    b"[1 true]",
    b"[a",
    b"[\xff]",
    b"[*]",
    b"[1]]",
    b"[\"a\"",
    b"[[[[",
    b"[]]",
    b"{\"a\"",
    b"{\"a\":",
    b"{\"a\":1",
    b"{\"a\":1,",
    b"{\"a\":1,}",
    b"{\"a\":1,,\"b\":2}",
    b"{\"a\" 1}",
    b"{a:1}",
    b"{'a':1}",
    b"{1:1}",
    b"{\"a\"::1}",
    b"{\"a\":1 \"b\":2}",
    b"{\"a\":1}}",
    b"{\"a\":1}#",
    b"{\"a\":1}//",
    b"{\"a\":1}/*",
    b"{/**/}",
    b"{\"a\":/*c*/1}",
    b"{,}",
    b"{:1}",
    b"{\"x\"}",
    b"{\"x\",null}",
    b"{null:null}",
    b"\"",
    b"\"a",
    b"\"\\",
    b"\"\\a\"",
    b"\"\\u\"",
    b"\"\\u12\"",
    b"\"\\u00G0\"",
    b"\"\\x00\"",
    b"\"\\UA66D\"",
    b"\"a\x00b\"",
    b"\"a\nb\"",
    b"\"a\tb\"",
    b"\"\x1f\"",
    b"\"\xff\"",
    b"\"\xc3\"",
    b"\"\xed\xa0\x80\"",
    b"\"\xf4\xbf\xbf\xbf\"",
    b"\"\xc0\xaf\"",
    b"'a'",
    b"a",
    b"nul",
    b"tru",
    b"fals",
    b"True",
    b"None",
    b"undefined",
    b"NaN",
    b"[NaN]",
    b"Infinity",
    b"-Infinity",
    b"+1",
    b"++1",
    b"-",
    b"--1",
    b"- 1",
    b"-01",
    b"01",
    b"012",
    b"0x1",
    b"0x",
    b".5",
    b"-.5",
    b"1.",
    b"-2.",
    b"1.e1",
    b"1e",
    b"1e+",
    b"1eE2",
    b"1.2.3",
    b"1 000",
    b"1_000",
    b"1+2",
    b"0e",
    b"0.3e+",
    b"1ea",
    b"-foo",
    b"\xef\xbc\x91",
    b"[1e999x]",
    b"<.>",
    b"<null>",
    b"\x00",
    b"{}\x00",
    b"\xc3\xa5",
    b"\xe2\x81\xa0",
    b"*",
    b";",
    b"{}{}",
    b"[][]",
    b"{\"a\":\"b\"}#{}",
    b"\"x\"y",
    b"2@",
    b"[\"x\", truth]",
    b"[\x0c]",
    b"[\\u000A\"\"]",
    b"{\"a\":\"a\" 123}",
    b"{9999E9999:1}",
    b"\xff\xfe{\x00}\x00",
    b"\x00{\x00}",
];

/// JSON, but no form of ours.
const STRANGE: &[&str] = &[
    "[]",
    "[null]",
    "[\"a\", null, \"UTC\"]",
    "null",
    "true",
    "0",
    "-0",
    "1e999",
    "-1e-999",
    "123123e100000",
    "\"\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\udc00\\ud800\"",
    "{\"name\":null}",
    "{\"name\":1}",
    "{\"name\":[\"a\"]}",
    "{\"name\":{}}",
    "{\"name\":\"a\",\"name\":\"b\"}",
    "{\"name\":\"a\",\"unknown\":1}",
    "{\"\":\"\"}",
    "{\"name\":true}",
    "{\"name\":1e400}",
    "{\"__proto__\":{}}",
    "{\"name\":\"\"}",
    "{\"name\":\" \"}",
    "{\"name\":\"a\",\"currency\":\"XXXX\"}",
    "{\"name\":\"a\",\"time_zone\":\"../etc\"}",
];

/// Text that trips programs up: stored and shown as it came.
const NAUGHTY: &[&str] = &[
    "undefined",
    "undef",
    "null",
    "NULL",
    "(null)",
    "nil",
    "NIL",
    "true",
    "false",
    "True",
    "None",
    "hasOwnProperty",
    "then",
    "constructor",
    "\\",
    "\\\\",
    "0",
    "1",
    "1.00",
    "$1.00",
    "1/2",
    "1E2",
    "-1",
    "-1.00",
    "0/0",
    "NaN",
    "Infinity",
    "-Infinity",
    "1#INF",
    "0x0",
    "0xffffffffffffffff",
    "999999999999999999999999999999",
    "1,000,000.00",
    "1'000'000",
    "01000",
    "08",
    "\u{2d}\u{2d}1",
    ",./;'[]\\-=",
    "<>?:\"{}|_+",
    "!@#$%^&*()`~",
    "\u{1}\u{2}\u{8}\u{e}\u{1f}\u{7f}",
    "\u{80}\u{84}\u{9f}",
    "\u{b}\u{c}\u{85}\u{a0}\u{1680}\u{2000}\u{3000}",
    "\u{ad}\u{600}\u{61c}\u{200b}\u{200e}\u{202a}\u{2060}\u{feff}\u{fff9}",
    "\u{feff}",
    "\u{fffe}",
    "Ω≈ç√∫˜µ≤≥÷",
    "åß∂ƒ©˙∆˚¬…æ",
    "œ∑´®†¥¨ˆøπ“‘",
    "¡™£¢∞§¶•ªº–≠",
    "ЁЂЃЄЅІЇ",
    "٠١٢٣٤٥٦٧٨٩",
    "⁰⁴⁵₀₁₂",
    "ด้้้้้็็็็็้้้้้็็็็็",
    "'",
    "\"",
    "''",
    "\"\"",
    "'\"'",
    "\"''''\"'\"",
    "<foo val=“bar” />",
    "田中さんにあげて下さい",
    "パーティーへ行かないか",
    "사회과학원 어학연구소",
    "𠜎𠜱𠝹𠱓",
    "Ⱥ Ⱦ",
    "表ポあA鷗ŒéＢ逍Üßªąñ丂㐀𠀀",
    "ヽ༼ຈل͜ຈ༽ﾉ",
    "(｡◕ ∀ ◕｡)",
    "😍 👩🏽 👾 🙇 💁",
    "👨‍👩‍👧‍👦",
    "🇺🇸🇷🇺🇸",
    "１２３",
    "ثم نفس سقطت",
    "בְּרֵאשִׁית",
    "﷽ ﷺ",
    "مُنَاقَشَةُ سُبُلِ",
    "\u{202a}\u{202a}test\u{202a}",
    "\u{2066}test\u{2067}",
    "Ṱ̺̺̕o͞ ̷i̲̬͇̪͙n̝̗͕v̟̜̘̦͟o̶̙̰̠kè͚̮̺̪",
    "˙ɐnbᴉlɐ ɐuƃɐɯ",
    "𝕿𝖍𝖊 𝖖𝖚𝖎𝖈𝖐",
    "⒯⒣⒠",
    "<script>alert(1)</script>",
    "&lt;script&gt;alert(1);&lt;/script&gt;",
    "<svg><script>alert(1)</script>",
    "\"><script>alert(1)</script>",
    "'><script>alert(1)</script>",
    "javascript:alert(1)",
    "<img src=x onerror=alert(1) />",
    "<style>*{display:none}</style>",
    "<a href=\"\\x0Bjavascript:x\">t</a>",
    "`\"'><img src=x>",
    "1;DROP TABLE users",
    "1'; DROP TABLE users-- 1",
    "' OR 1=1 -- 1",
    "' OR '1'='1",
    "'; EXEC sp_MSForEachTable 'DROP TABLE ?'; --",
    "%",
    "_",
    "-",
    "--",
    "--version",
    "$USER",
    "$HOME",
    "${HOME}",
    "`touch /tmp/x`",
    "$(touch /tmp/x)",
    "/dev/null; touch /tmp/x ; echo",
    "%s%s%s%n",
    "%d",
    "{0}",
    "%*.*s",
    "{{7*7}}",
    "{% raw %}",
    "{{ self }}",
    "<%= 7*7 %>",
    "#{7*7}",
    "../../../etc/passwd%00",
    "../../etc/hosts",
    "file:///etc/passwd",
    "() { 0; }; touch /tmp/x",
    "eval(\"puts 'hello'\")",
    "System(\"ls\")",
    "<?xml version=\"1.0\"?><!DOCTYPE f [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><f>&x;</f>",
    "CON",
    "PRN",
    "AUX",
    "NUL",
    "COM1",
    "LPT1",
    "DCC SEND STARTKEYLOGGER 0 0 0",
    "Scunthorpe General Hospital",
    "Powerلُلُصّبُلُلصّبُررً ॣ ॣh ॣ ॣ冗",
    "జ్ఞ‌ా",
    "గ్చేయు",
    "=1+1",
    "+1",
    "@SUM(A1)",
    "\t=cmd|' /C calc'!A0",
    "If you're reading this, you've been in a coma",
    "\u{1b}[31mred",
    "a\r\nset-cookie: x=1",
    "line\u{2028}two",
    "\u{10ffff}",
    "e\u{301} é",
];

async fn post(house: &House, key: &str, body: &[u8]) -> (u16, Value) {
    let request = Request::builder()
        .method(Method::POST)
        .uri("/api/v1/facilities")
        .header(header::AUTHORIZATION, format!("Bearer {key}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_vec()))
        .unwrap();
    let answer = house.send(request).await;
    (answer.status.as_u16(), answer.body)
}

#[tokio::test]
async fn what_is_not_json_is_malformed() {
    let Some(house) = House::open().await else { return };
    let key = house.key(&house.org.owner, Role::Owner, &[]).await;
    let deep = [b"[".repeat(100_000), b"{\"a\":".repeat(50_000), b"[{\"\":".repeat(20_000)];
    let deep = deep.iter().map(Vec::as_slice);
    for body in BROKEN.iter().copied().chain(deep) {
        let (status, answer) = post(&house, &key, body).await;
        let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        assert_eq!(status, 400, "{shown:?}: {answer}");
        assert_eq!(answer["type"], "urn:plantintel:problem:malformed", "{shown:?}");
    }
    for body in STRANGE {
        let (status, answer) = post(&house, &key, body.as_bytes()).await;
        assert!(matches!(status, 400 | 422), "{body}: {status} {answer}");
    }
    let nested = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    assert_eq!(post(&house, &key, nested.as_bytes()).await.0, 422);
    assert_eq!(house.get("/api/v1/facilities", &key).await.body["items"], json!([]));
}

#[tokio::test]
async fn text_comes_back_as_it_was_sent() {
    let Some(house) = House::open().await else { return };
    let key = house.key(&house.org.owner, Role::Owner, &[]).await;
    let profile: serde_json::Map<String, Value> =
        NAUGHTY.iter().enumerate().map(|(n, text)| (n.to_string(), json!(text))).collect();
    let named: serde_json::Map<String, Value> =
        NAUGHTY.iter().map(|text| ((*text).to_owned(), json!(true))).collect();
    for profile in [profile, named] {
        let body = json!({ "profile": profile });
        let path = "/api/v1/organization";
        let changed = house.ask(Method::PATCH, path, Some(&key), Some(&body)).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
        assert_eq!(house.get(path, &key).await.body["profile"], Value::Object(profile));
    }
    for (n, text) in NAUGHTY.iter().enumerate() {
        // Names are without blanks around them, and differ by more than capitals; the rest stays.
        let name = format!("{n}:{text}");
        let form = json!({"name": name});
        let made = house.ask(Method::POST, "/api/v1/facilities", Some(&key), Some(&form)).await;
        assert_eq!(made.status, 201, "{text:?}: {}", made.body);
        let at = format!("/api/v1/facilities/{}", made.body["id"].as_str().unwrap());
        assert_eq!(house.get(&at, &key).await.body["name"], name.trim(), "{text:?}");
        // The same text where one searches, as a header, and as a part of an address.
        let query: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for path in
            [format!("/api/v1/mapping-profiles?search={query}"), format!("/api/v1/audit?action={query}")]
        {
            let answer = house.get(&path, &key).await;
            assert!(matches!(answer.status.as_u16(), 200 | 422), "{path}: {}", answer.body);
        }
        let answer = house.get(&format!("/api/v1/facilities/{query}"), &key).await;
        assert!(matches!(answer.status.as_u16(), 400 | 404), "{text:?}: {}", answer.status);
    }
}
