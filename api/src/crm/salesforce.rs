//! Salesforce's outbound messages: SOAP, with up to a hundred records, each field by its name
//! (developer.salesforce.com, Outbound Messages). Refuses documents that define entities of their own.

use std::collections::BTreeMap;

use quick_xml::{Reader, events::Event};

use super::{Part, Told, json::unreadable};

/// How deep elements may nest; an outbound message nests 6 deep.
const DEEPEST: usize = 16;

/// What makes Salesforce send no more of a message.
pub(crate) const ACK: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope \
    xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body><notificationsResponse \
    xmlns=\"http://soap.sforce.com/2005/09/outbound\"><Ack>true</Ack></notificationsResponse></soapenv:Body></soapenv:Envelope>";

/// A message as it was read.
#[derive(Debug, Default)]
struct Message {
    organization: String,
    records: Vec<BTreeMap<String, String>>,
}

/// The organization that a message names; none where it cannot be read.
pub(crate) fn organization(body: &[u8]) -> Option<String> {
    read(body).ok().map(|message| message.organization)
}

/// The records of a message.
pub(super) fn parts(body: &[u8]) -> Vec<Part> {
    match read(body) {
        Ok(message) => message
            .records
            .into_iter()
            .map(|record| (serde_json::json!(record).to_string(), Ok(Told::Whole(record))))
            .collect(),
        Err(why) => vec![unreadable(body, &why)],
    }
}

fn read(body: &[u8]) -> Result<Message, String> {
    let text = std::str::from_utf8(body).map_err(|_| "The message is not UTF-8".to_owned())?;
    let mut reader = Reader::from_str(text);
    let (mut message, mut path, mut value) = (Message::default(), Vec::<String>::new(), String::new());
    loop {
        match reader.read_event().map_err(|error| format!("The message is no XML: {error}"))? {
            Event::Start(element) => {
                if path.len() >= DEEPEST {
                    return Err("The message nests too deep".into());
                }
                let name = element.local_name().as_ref().to_owned();
                if name == "sObject" {
                    message.records.push(BTreeMap::new());
                }
                path.push(name);
                value.clear();
            }
            Event::Text(part) => value.push_str(&part),
            Event::CData(part) => value.push_str(&part),
            Event::GeneralRef(entity) => value.push(character(&entity)?),
            Event::End(_) => {
                let name = path.pop().unwrap_or_default();
                match (path.last().map(String::as_str), message.records.last_mut()) {
                    (Some("sObject"), Some(record)) => drop(record.insert(name, value.trim().to_owned())),
                    (Some("notifications"), _) if name == "OrganizationId" => {
                        value.trim().clone_into(&mut message.organization);
                    }
                    _ => {}
                }
                value.clear();
            }
            Event::DocType(_) => return Err("The message defines a document type, which is not read".into()),
            Event::Eof if path.is_empty() && !message.organization.is_empty() => return Ok(message),
            Event::Eof => return Err("The message is no outbound message of Salesforce".into()),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

/// The character that an entity stands for: one of the five of XML, or a number.
fn character(entity: &quick_xml::events::BytesRef<'_>) -> Result<char, String> {
    let unknown = || "The message has an unknown entity".to_owned();
    if let Some(character) = entity.resolve_char_ref().map_err(|_| unknown())? {
        return Ok(character);
    }
    let known = [("lt", '<'), ("gt", '>'), ("amp", '&'), ("apos", '\''), ("quot", '"')];
    known.iter().find(|(name, _)| *name == &**entity).map(|(_, character)| *character).ok_or_else(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(inner: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
             <soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body>
             <notifications xmlns=\"http://soap.sforce.com/2005/09/outbound\"><OrganizationId>00D1</OrganizationId>
             <ActionId>04k1</ActionId><SessionId xsi:nil=\"true\"/>{inner}</notifications></soapenv:Body></soapenv:Envelope>"
        )
    }

    #[test]
    fn each_record_is_its_fields_by_name() {
        let record = "<Notification><Id>04l1</Id><sObject xsi:type=\"sf:Opportunity\" xmlns:sf=\"urn:sobject\">
            <sf:Id>0061</sf:Id><sf:Amount>1200.0</sf:Amount><sf:Name>A &amp; B &#8364; <![CDATA[<c>]]></sf:Name>
            <sf:CloseDate xsi:nil=\"true\"/></sObject></Notification>";
        let body = message(&record.repeat(2));

        let told = parts(body.as_bytes());
        let fields = [("Id", "0061"), ("Amount", "1200.0"), ("Name", "A & B \u{20ac} <c>")];
        let fields: BTreeMap<_, _> =
            fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        assert_eq!(told.len(), 2);
        assert_eq!(told[0].1, Ok(Told::Whole(fields)));
        assert_eq!(organization(body.as_bytes()).as_deref(), Some("00D1"));
    }

    #[test]
    fn what_is_no_such_message_is_said_in_words_and_no_entity_is_expanded() {
        let bomb = format!("<!DOCTYPE a [<!ENTITY b \"{}\">]>{}", "c".repeat(100), message("&b;"));
        let deep = message(&"<a>".repeat(100_000));
        for body in ["", "<a/>", "<a>", "not xml", &bomb, &deep, &message("&b;")] {
            assert!(parts(body.as_bytes())[0].1.is_err(), "{body:.80}");
        }
    }
}
