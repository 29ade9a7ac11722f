//! The pages as a browser asks for them: the door before them, their forms, and the way from an upload to the money.

mod door;
mod found;
mod rows;

use std::time::Duration;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};

use crate::house::{Answer, House};

pub(crate) struct Reader<'a> {
    pub(crate) house: &'a House,
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

impl<'a> Reader<'a> {
    /// The owner of a new organisation, with the cookie of the first sign-in.
    pub(crate) async fn owner(house: &'a House) -> Self {
        let link = app::accounts::links::create_owner(&house.state.desk, "marie@example.com", "Brandt")
            .await
            .unwrap();
        let body = serde_json::json!({ "token": link.split_once("token=").unwrap().1 });
        let answer = house.ask(Method::POST, "/api/v1/session/link", None, Some(&body)).await;
        let cookie = answer.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        Self { house, cookie, csrf: answer.body["csrf_token"].as_str().unwrap().to_owned() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).header(header::COOKIE, &self.cookie).body(Body::empty()).unwrap();
        self.house.send(request).await
    }

    pub(crate) async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {:?}", answer.body);
        answer.body.as_str().unwrap_or_default().to_owned()
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("csrf", &self.csrf).extend_pairs(fields);
        self.post_raw(path, "application/x-www-form-urlencoded", form.finish().into_bytes()).await
    }

    pub(crate) async fn post_raw(&self, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
        let request = Request::post(path)
            .header(header::COOKIE, &self.cookie)
            .header(header::CONTENT_TYPE, content_type)
            .body(Body::from(body))
            .unwrap();
        self.house.send(request).await
    }

    /// Where a form leads to.
    pub(crate) async fn follow(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.post(path, fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}: {:?}", answer.body);
        answer.headers["location"].to_str().unwrap().to_owned()
    }

    /// Asks again until the page says this.
    pub(crate) async fn until(&self, path: &str, said: &str) -> String {
        for _ in 0..600 {
            let html = self.page(path).await;
            if html.contains(said) {
                return html;
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        panic!("{path} never said {said}: {}", self.page(path).await);
    }
}
