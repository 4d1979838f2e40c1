//! Names of topics of SNS.

use std::fmt;
use std::str::FromStr;

use crate::text::printable;

/// The ARN of a topic of SNS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicArn(String);

/// A text that is not the ARN of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is written arn:aws:sns:REGION:ACCOUNT:NAME; the console of SNS shows it")]
pub struct TopicArnError;

/// The longest name of a topic, in bytes.
const LONGEST_NAME: usize = 256;

impl TopicArn {
    /// The ARN.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The region, which requests have to go to.
    pub fn region(&self) -> &str {
        self.0.split(':').nth(3).unwrap_or_default()
    }

    /// True if its messages come in order.
    pub fn is_fifo(&self) -> bool {
        self.0.ends_with(".fifo")
    }
}

impl FromStr for TopicArn {
    type Err = TopicArnError;

    fn from_str(text: &str) -> Result<Self, TopicArnError> {
        let parts: Vec<&str> = text.split(':').collect();
        let &["arn", partition, "sns", region, account, name] = parts.as_slice() else {
            return Err(TopicArnError);
        };
        let is_word = |text: &str| {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
            !text.is_empty() && text.bytes().all(allowed)
        };
        let bare = name.strip_suffix(".fifo").unwrap_or(name);
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        let is_arn = is_word(partition) && is_word(region) && is_account && is_word(bare);
        if is_arn && name.len() <= LONGEST_NAME {
            Ok(Self(text.to_owned()))
        } else {
            Err(TopicArnError)
        }
    }
}

impl fmt::Display for TopicArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_named_by_its_arn() {
        for (text, region, is_fifo) in [
            (
                "arn:aws:sns:eu-west-1:123456789012:results",
                "eu-west-1",
                false,
            ),
            (
                "arn:aws-cn:sns:cn-north-1:123456789012:a_b-c.fifo",
                "cn-north-1",
                true,
            ),
        ] {
            let arn: TopicArn = text.parse().unwrap();
            assert_eq!((arn.region(), arn.is_fifo()), (region, is_fifo), "{text}");
            assert_eq!(arn.to_string(), text);
        }
        let long = format!("arn:aws:sns:eu-west-1:123456789012:{}", "x".repeat(257));
        for text in [
            "",
            "results",
            "https://sns.eu-west-1.amazonaws.com/",
            "arn:aws:sqs:eu-west-1:123456789012:results",
            "arn:aws:sns::123456789012:results",
            "arn:aws:sns:eu-west-1:1234:results",
            "arn:aws:sns:eu-west-1:123456789012:",
            "arn:aws:sns:eu-west-1:123456789012:two words",
            "arn:aws:sns:eu-west-1:123456789012:results:0f9a-of-a-subscription",
            long.as_str(),
        ] {
            assert_eq!(text.parse::<TopicArn>(), Err(TopicArnError), "{text}");
        }
    }
}
