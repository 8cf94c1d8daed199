//! What stands in the record, in words.

/// `lead.update` as a person would say it after somebody's name: `changed a lead`.
#[must_use]
pub fn in_words(action: &str, kind: &str) -> String {
    if let Some((_, words)) = WORDS.iter().find(|(known, _)| *known == action) {
        return (*words).to_owned();
    }
    let (_, verb) = action.split_once('.').unwrap_or(("", action));
    let kind = kind.replace('_', " ");
    let past = match verb {
        "create" => "added",
        "update" => "changed",
        "delete" => "removed",
        other => return format!("{} ({kind})", other.replace('_', " ")),
    };
    let article = if kind.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    format!("{past} {article} {kind}")
}

/// Those that the rule does not tell well.
const WORDS: &[(&str, &str)] = &[
    ("audit.export", "exported the record"),
    ("auth.end_session", "ended a session"),
    ("auth.end_sessions", "ended every session"),
    ("auth.log_in", "logged in"),
    ("auth.log_out", "logged out"),
    ("auth.refresh_reused", "used a refresh token twice; its session has ended"),
    ("import.done", "finished an import"),
    ("import.run", "began an import"),
    ("import.stop", "stopped an import"),
    ("import.undo", "took an import back"),
    ("import.undone", "finished taking an import back"),
    ("job.discard", "discarded work that had failed"),
    ("job.retry", "had work tried again"),
    ("keys.rotate", "replaced a key"),
    ("lead.export", "downloaded all about a person"),
    ("lead.merge", "merged two leads"),
    ("leads.bulk", "changed many leads"),
    ("leads.bulk_stop", "stopped a change of many leads"),
    ("leads.export", "exported leads"),
    ("mail.test", "sent a test mail"),
    ("media.create", "added a picture"),
    ("media.delete", "removed a picture"),
    ("media.replace", "replaced a picture"),
    ("media.update", "changed a picture"),
    ("missing.heed", "listed a missing page again"),
    ("missing.ignore", "left a missing page out"),
    ("privacy.erase", "erased a person"),
    ("privacy.export", "downloaded all about a person"),
    ("privacy.request", "wrote down a request for privacy"),
    ("privacy.request_close", "closed a request for privacy"),
    ("privacy.request_reopen", "opened a request for privacy again"),
    ("privacy.retention", "changed how long things are kept"),
    ("setting.reset", "took a setting back"),
    ("setting.set", "changed a setting"),
    ("task.run", "ran a task by hand"),
    ("texts.update", "changed the site's own words"),
    ("theme.reset", "went back to the first theme"),
    ("theme.update", "changed the theme"),
    ("token.revoke", "revoked a token"),
    ("user.link", "made a link to a new password"),
    ("user.password", "changed a password"),
    ("user.totp_off", "turned the second factor off"),
    ("user.totp_on", "turned the second factor on"),
    ("webhook.resend", "sent a webhook again"),
    ("webhook.secret", "made a new secret for a webhook"),
    ("webhook.switch_off", "switched a webhook off"),
    ("webhook.test", "tested a webhook"),
];

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn the_record_is_told_in_words() {
        assert_eq!(in_words("lead.update", "lead"), "changed a lead");
        assert_eq!(in_words("article.create", "article"), "added an article");
        assert_eq!(in_words("auth.log_in", "session"), "logged in");
        assert_eq!(in_words("privacy.hold_back", "lead"), "hold back (lead)");
    }
}
