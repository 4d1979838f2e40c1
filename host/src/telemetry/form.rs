//! Form of a page of metrics.

/// Form of a page of metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// The text format of OpenMetrics, which Prometheus asks for.
    #[default]
    OpenMetrics,
    /// The older text format of Prometheus, for those who know no other.
    Text,
}

impl Form {
    /// The form for whoever sends such a header `Accept`, or none.
    pub fn accepted(header: Option<&str>) -> Self {
        let takes = |kind| header.is_some_and(|header| header.contains(kind));
        if takes("text/plain") && !takes("application/openmetrics-text") {
            Self::Text
        } else {
            Self::OpenMetrics
        }
    }

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_older_form_is_for_those_who_ask_for_it_alone() {
        let prometheus =
            "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        for (header, expected) in [
            (None, Form::OpenMetrics),
            (Some("*/*"), Form::OpenMetrics),
            (Some(prometheus), Form::OpenMetrics),
            (Some("text/plain"), Form::Text),
            (Some("text/plain;version=0.0.4;q=1,*/*;q=0.1"), Form::Text),
        ] {
            assert_eq!(Form::accepted(header), expected, "{header:?}");
        }
    }
}
