//! Requests to SQS, answered by a queue in memory.

use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::memory::MemoryQueue;
use crate::ports::{Message, Outgoing, Queue, Receipt, ReceiveOptions};

/// Answers a request to a queue.
pub(super) async fn answer(queue: &MemoryQueue, operation: &str, asked: &Value) -> Value {
    let seconds = |name: &str| asked[name].as_u64().map(Duration::from_secs);
    let entries = asked["Entries"].as_array();
    match operation {
        "ReceiveMessage" => {
            let options = ReceiveOptions {
                max: 10,
                visibility: seconds("VisibilityTimeout"),
                wait: seconds("WaitTimeSeconds").unwrap_or_default(),
            };
            let messages = queue.receive(&options).await.unwrap();
            json!({ "Messages": messages.iter().map(received).collect::<Vec<_>>() })
        }
        "SendMessageBatch" => {
            let sent = entries.unwrap().iter().map(outgoing).collect();
            let ids = queue.send(sent).await;
            let told = entries.unwrap().iter().zip(ids).map(|(entry, id)| {
                json!({ "Id": entry["Id"], "MessageId": id.unwrap(), "MD5OfMessageBody": "" })
            });
            json!({ "Successful": told.collect::<Vec<_>>(), "Failed": [] })
        }
        "DeleteMessageBatch" => {
            let receipts: Vec<Receipt> = entries.unwrap().iter().map(receipt).collect();
            // One that is gone already is as good as deleted.
            queue.delete(&receipts).await;
            let gone = entries.unwrap().iter();
            let gone = gone.map(|entry| json!({ "Id": entry["Id"] }));
            json!({ "Successful": gone.collect::<Vec<_>>(), "Failed": [] })
        }
        "ChangeMessageVisibility" => {
            let timeout = seconds("VisibilityTimeout").unwrap();
            // A message that is gone needs to be hidden from nobody.
            let _ = queue.set_visibility(&receipt(asked), timeout).await;
            json!({})
        }
        "GetQueueAttributes" => {
            let depth = queue.depth().await.unwrap();
            json!({ "Attributes": {
                "ApproximateNumberOfMessages": depth.visible.to_string(),
                "ApproximateNumberOfMessagesNotVisible": depth.in_flight.to_string(),
            } })
        }
        operation => panic!("no test asks for {operation}"),
    }
}

fn received(message: &Message) -> Value {
    let sent = message.sent.unwrap().duration_since(UNIX_EPOCH).unwrap();
    let attributes = message.attributes.iter().map(|(name, value)| {
        let value = json!({ "StringValue": value, "DataType": "String" });
        (name.clone(), value)
    });
    json!({
        "MessageId": message.id,
        "ReceiptHandle": message.receipt.0,
        "Body": message.body,
        "MD5OfBody": "",
        "Attributes": {
            "ApproximateReceiveCount": message.receive_count.to_string(),
            "SentTimestamp": sent.as_millis().to_string(),
        },
        "MessageAttributes": attributes.collect::<serde_json::Map<_, _>>(),
    })
}

fn outgoing(entry: &Value) -> Outgoing {
    let attributes = entry["MessageAttributes"].as_object().into_iter().flatten();
    Outgoing {
        body: entry["MessageBody"].as_str().unwrap().to_owned(),
        attributes: attributes
            .map(|(name, value)| {
                let value = value["StringValue"].as_str().unwrap();
                (name.clone(), value.to_owned())
            })
            .collect(),
        ..Outgoing::default()
    }
}

fn receipt(entry: &Value) -> Receipt {
    Receipt(entry["ReceiptHandle"].as_str().unwrap().to_owned())
}
