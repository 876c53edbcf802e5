//! What Salesforce sends, by its own outbound messages and by a flow that signs.

use serde_json::json;
use standardwebhooks::Webhook as Signer;

use super::{deals, hooked, refused, url};
use crate::support::verified;

const SECRET: &str = "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

fn outbound(records: &str, organization: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\">
         <soapenv:Body><notifications xmlns=\"http://soap.sforce.com/2005/09/outbound\">
         <OrganizationId>{organization}</OrganizationId><ActionId>04k1</ActionId>{records}</notifications></soapenv:Body></soapenv:Envelope>"
    )
}

fn record(id: &str, amount: &str, stage: &str, at: &str) -> String {
    format!(
        "<Notification><Id>04l1</Id><sObject xsi:type=\"sf:Opportunity\" xmlns:sf=\"urn:sobject.enterprise.soap.sforce.com\">
         <sf:Id>{id}</sf:Id><sf:Amount>{amount}</sf:Amount><sf:StageName>{stage}</sf:StageName>
         <sf:SystemModstamp>{at}</sf:SystemModstamp><sf:Feature__c>Export &amp; import</sf:Feature__c>
         <sf:Account_Name__c>Acme</sf:Account_Name__c></sObject></Notification>"
    )
}

#[tokio::test]
async fn salesforce_is_understood_in_xml_and_in_json_and_gets_its_acknowledgement() {
    let server = hooked().await;
    let client = reqwest::Client::new();
    let (newer, older) = ("2026-10-02T10:00:00.000Z", "2026-10-01T10:00:00.000Z");
    let send = async |body: String, token: &str| {
        let request = client.post(format!("{}?token={token}", url(&server, "salesforce")));
        request.header("content-type", "text/xml; charset=utf-8").body(body).send().await.unwrap()
    };
    let both = [record("0061", "1200.5", "Closed Won", newer), record("0062", "7", "Prospecting", newer)].concat();

    let answer = send(outbound(&both, "00D1"), "long-random-word").await;
    assert_eq!(answer.status(), 200);
    assert!(answer.text().await.unwrap().contains("<Ack>true</Ack>"));
    send(outbound(&record("0061", "1", "Prospecting", older), "00D1"), "long-random-word").await;
    for (body, token) in [
        (outbound(&both, "00D2"), "long-random-word"),
        (outbound(&both, "00D1"), "short"),
        ("<a/>".into(), "long-random-word"),
    ] {
        assert_eq!(send(body, token).await.status(), 401);
    }
    refused(&server).await;
    let deal = &deals(&server).await["0061"];
    assert_eq!((&deal["amount"]["amount"], &deal["status"]), (&json!("1200.5"), &json!("WON")));

    let body = json!([{ "Id": "0062", "Amount": 9, "StageName": "Closed Lost", "Feature__c": "Export & import",
                        "SystemModstamp": "2026-10-03T10:00:00.000Z" }])
    .to_string();
    let signature = Signer::new(SECRET).unwrap().sign("msg_1", server.seconds(), body.as_bytes()).unwrap();
    let request = client.post(url(&server, "salesforce")).header("content-type", "application/json");
    let request = request.header("webhook-id", "msg_1").header("webhook-timestamp", server.seconds().to_string());
    let answer = request.header("webhook-signature", signature).body(body).send().await.unwrap();
    assert_eq!(answer.status(), 204);
    refused(&server).await;
    assert_eq!(deals(&server).await["0062"]["status"], "LOST");
    verified(&server).await;
}
