//! The page for those who have not shown the token.

use super::super::markup::{Markup, put};

/// The form that asks for the token, with words about the last answer to it.
pub(in crate::page) fn enter(mistake: Option<&'static str>) -> Markup {
    let mut page = super::head("Token");
    put!(
        page,
        "<body class=\"enter\">\n<main id=\"main\">\n<h1>Thimble</h1>\n\
         <form method=\"post\" action=\"/enter\">\n"
    );
    if let Some(mistake) = mistake {
        put!(
            page,
            "<p class=\"wrong\" role=\"alert\" id=\"mistake\">{}</p>\n",
            mistake
        );
    }
    put!(
        page,
        "<label for=\"token\">Token of the status page</label>\n\
         <input id=\"token\" name=\"token\" type=\"password\" autocomplete=\"current-password\" required"
    );
    if mistake.is_some() {
        put!(page, " aria-invalid=\"true\" aria-describedby=\"mistake\"");
    }
    put!(
        page,
        ">\n<button>Show the token</button>\n</form>\n</main>\n</body>\n</html>\n"
    );
    page
}
