//! `/v1/chat/completions`, streamed.

use serde_json::{Value, json};

use super::{Error, Request, Turn, events::Event, say::Growing};

pub(super) const PATH: &str = "chat/completions";

/// `own` is the own service, whose newer models know other names than the servers that speak like it.
pub(super) fn body(model: &str, request: &Request, own: bool) -> Value {
    let mut messages = vec![json!({"role": "system", "content": request.system})];
    for turn in &request.turns {
        match turn {
            Turn::User(text) => messages.push(json!({"role": "user", "content": text})),
            Turn::Assistant { text, calls } => {
                let mut message = json!({"role": "assistant", "content": text});
                if !calls.is_empty() {
                    let calls: Vec<Value> = calls
                        .iter()
                        .map(|call| {
                            json!({
                                "id": call.id, "type": "function",
                                "function": {"name": call.name, "arguments": call.arguments},
                            })
                        })
                        .collect();
                    message["tool_calls"] = json!(calls);
                }
                messages.push(message);
            }
            Turn::Results(results) => messages.extend(
                results
                    .iter()
                    .map(|result| json!({"role": "tool", "tool_call_id": result.id, "content": result.text})),
            ),
        }
    }
    let mut body = json!({
        "model": model,
        "messages": messages,
        "stream": true,
        "stream_options": {"include_usage": true},
    });
    if own {
        body["max_completion_tokens"] = json!(request.tokens_max);
    } else {
        body["max_tokens"] = json!(request.tokens_max);
        body["temperature"] = json!(0);
    }
    if !request.tools.is_empty() {
        let tools: Vec<Value> = request
            .tools
            .iter()
            .map(|tool| {
                json!({
                    "type": "function",
                    "function": {"name": tool.name, "description": tool.description, "parameters": tool.schema},
                })
            })
            .collect();
        body["tools"] = json!(tools);
    }
    body
}

/// Takes one event in; says whether the stream is at its end.
pub(super) fn take(event: &Event, growing: &mut Growing<'_>) -> Result<bool, Error> {
    if event.data.trim() == "[DONE]" {
        return Ok(true);
    }
    let chunk: Value =
        serde_json::from_str(&event.data).map_err(|_| Error::Garbage("an event is no JSON"))?;
    if let Some(error) = chunk.get("error").filter(|error| !error.is_null()) {
        return Err(super::say::told(error));
    }
    if let Some(usage) = chunk.get("usage").filter(|usage| usage.is_object()) {
        growing.said.tokens.read = usage["prompt_tokens"].as_u64();
        growing.said.tokens.written = usage["completion_tokens"].as_u64();
    }
    let Some(choice) = chunk["choices"].get(0) else {
        // The last chunk with the usage has no choices.
        let known = chunk["choices"].is_array() || chunk.get("usage").is_some();
        return if known { Ok(false) } else { Err(Error::Garbage("an event has no choices")) };
    };
    let delta = &choice["delta"];
    if let Some(text) = delta["content"].as_str() {
        growing.text(text)?;
    }
    for (at, call) in delta["tool_calls"].as_array().into_iter().flatten().enumerate() {
        let index = call["index"].as_u64().map_or(at, |index| index as usize);
        growing.call(
            index,
            call["id"].as_str(),
            call["function"]["name"].as_str(),
            call["function"]["arguments"].as_str().unwrap_or_default(),
        )?;
    }
    if let Some(reason) = choice["finish_reason"].as_str() {
        growing.finished = true;
        growing.said.cut = reason == "length";
    }
    Ok(false)
}
