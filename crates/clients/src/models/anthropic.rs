//! `/v1/messages`, streamed.

use serde_json::{Value, json};

use super::{Error, Request, Turn, events::Event, say::Growing};

pub(super) const PATH: &str = "messages";
pub(super) const VERSION: &str = "2023-06-01";

pub(super) fn body(model: &str, request: &Request) -> Value {
    let messages: Vec<Value> = request
        .turns
        .iter()
        .map(|turn| match turn {
            Turn::User(text) => json!({"role": "user", "content": text}),
            Turn::Assistant { text, calls } => {
                let mut blocks = Vec::new();
                if !text.is_empty() {
                    blocks.push(json!({"type": "text", "text": text}));
                }
                blocks.extend(calls.iter().map(|call| {
                    let input = serde_json::from_str(&call.arguments).ok().filter(Value::is_object);
                    json!({
                        "type": "tool_use", "id": call.id, "name": call.name,
                        "input": input.unwrap_or_else(|| json!({})),
                    })
                }));
                json!({"role": "assistant", "content": blocks})
            }
            Turn::Results(results) => {
                let blocks: Vec<Value> = results
                    .iter()
                    .map(|result| json!({"type": "tool_result", "tool_use_id": result.id, "content": result.text}))
                    .collect();
                json!({"role": "user", "content": blocks})
            }
        })
        .collect();
    let mut body = json!({
        "model": model,
        "system": request.system,
        "messages": messages,
        "stream": true,
        "max_tokens": request.tokens_max,
    });
    if !request.tools.is_empty() {
        let tools: Vec<Value> = request
            .tools
            .iter()
            .map(|tool| json!({"name": tool.name, "description": tool.description, "input_schema": tool.schema}))
            .collect();
        body["tools"] = json!(tools);
    }
    body
}

/// Takes one event in; says whether the stream is at its end.
pub(super) fn take(event: &Event, growing: &mut Growing<'_>) -> Result<bool, Error> {
    let data: Value = serde_json::from_str(&event.data).map_err(|_| Error::Garbage("an event is no JSON"))?;
    let index = data["index"].as_u64().unwrap_or_default() as usize;
    match data["type"].as_str().unwrap_or(&event.name) {
        "message_start" => {
            let usage = &data["message"]["usage"];
            let of = |name: &str| usage[name].as_u64();
            if let Some(plain) = of("input_tokens") {
                let cached = of("cache_read_input_tokens").unwrap_or(0)
                    + of("cache_creation_input_tokens").unwrap_or(0);
                growing.said.tokens.read = Some(plain.saturating_add(cached));
            }
        }
        "content_block_start" => {
            let block = &data["content_block"];
            match block["type"].as_str() {
                Some("text") => growing.text(block["text"].as_str().unwrap_or_default())?,
                Some("tool_use") => {
                    growing.call(index, block["id"].as_str(), block["name"].as_str(), "")?;
                }
                // Thinking and what comes later is not for people.
                _ => {}
            }
        }
        "content_block_delta" => {
            let delta = &data["delta"];
            match delta["type"].as_str() {
                Some("text_delta") => growing.text(delta["text"].as_str().unwrap_or_default())?,
                Some("input_json_delta") => {
                    growing.call(index, None, None, delta["partial_json"].as_str().unwrap_or_default())?;
                }
                _ => {}
            }
        }
        "message_delta" => {
            if let Some(written) = data["usage"]["output_tokens"].as_u64() {
                growing.said.tokens.written = Some(written);
            }
            if let Some(reason) = data["delta"]["stop_reason"].as_str() {
                growing.finished = true;
                growing.said.cut = reason == "max_tokens";
            }
        }
        "message_stop" => return Ok(true),
        "error" => return Err(super::say::told(&data["error"])),
        // Signs of life, and events that the provider may add: it says that they are to be passed over.
        _ => {}
    }
    Ok(false)
}
