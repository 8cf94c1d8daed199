//! The audience in the dashboard, as a browser without scripts uses it.

use manero::admin::accounts::audit::Actor;
use manero::business::leads::import;

use crate::app::{Answer, Browser, TestApp};

impl Answer {
    /// The page that it is.
    pub(crate) fn shows(&self, status: u16) -> String {
        self.page(status).to_owned()
    }
}

/// Where an answer leads.
pub(crate) fn to(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.header("Location").unwrap().to_owned()
}

/// The page that an answer leads to, with what it says first.
pub(crate) fn next(app: &TestApp, browser: &Browser, answer: &Answer) -> String {
    let path = to(answer);
    browser.keeping(answer).get(app, &path).shows(200)
}

/// The value of the hidden field `name` of a page.
fn hidden(page: &str, name: &str) -> String {
    let rest = page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[test]
fn a_list_of_a_thousand_is_brought_in_filtered_exported_and_one_of_them_erased() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    assert!(owner.get(&app, "/admin/leads").shows(200).contains("Nobody has left an address yet"));
    let mut list = "Email,Name,Tags\n".to_owned();
    for n in 0..1000 {
        list.push_str(&format!(
            "p{n}@people.example,Person Number{n},{}\n",
            if n % 2 == 0 { "even" } else { "odd" }
        ));
    }
    list.push_str("p1@people.example,Twice,\nnobody,Bad,\n");
    let sent =
        app.send(&owner.upload("/admin/leads/import", &[], ("../../list.csv", list.as_bytes())));
    let path = to(&sent);
    let page = owner.get(&app, &path).shows(200);
    assert!(page.contains("<h1>list.csv</h1>") && page.contains("What are the columns?"), "{page}");
    assert!(page.contains("<option value=\"email\" selected>"), "the columns are guessed");

    let bare =
        owner.post(&app, &format!("{path}/check"), &[("column-1", "name"), ("tags", "fair")]);
    let page = bare.shows(422);
    for told in ["Choose the column with the e-mail addresses", "Say where these people agreed"] {
        assert!(page.contains(told), "{told}");
    }
    assert!(page.contains("value=\"fair\""), "what was typed is kept");

    let mapping = [
        ("column-0", "email"),
        ("column-1", "name"),
        ("column-2", "tags"),
        ("known", "fill"),
        ("lang", "es"),
        ("consent", "They signed at our stand."),
    ];
    to(&owner.post(&app, &format!("{path}/check"), &mapping));
    assert!(owner.get(&app, &path).shows(200).contains("data-follow"), "it is being checked");
    app.drain_outbox();
    let page = owner.get(&app, &path).shows(200);
    assert!(page.contains("<b>1,000</b><span>Will be new</span>"), "{page}");
    assert!(
        page.contains("the same address as in line 3")
            && page.contains("not a valid e-mail address")
    );
    assert_eq!(app.count("leads"), 0);
    let begun = owner.post(&app, &format!("{path}/run"), &[]);
    assert!(next(&app, &owner, &begun).contains("You can leave this page"));
    app.drain_outbox();
    assert!(owner.get(&app, &path).shows(200).contains("<b>1,000</b><span>New</span>"));
    assert!(
        owner.post(&app, &format!("{path}/run"), &[]).shows(409).contains("gone on with elsewhere")
    );

    let page = owner.get(&app, "/admin/leads?tag=even&limit=50&sort=name").shows(200);
    assert!(page.contains("500 leads") && page.contains("Person Number0"), "{page}");
    assert!(!page.contains("Person Number1<"), "odd ones are left out");
    assert!(page.contains("rel=\"next\"") && page.contains("Save this as a segment"));
    let file = owner.get(&app, "/admin/leads.csv?tag=even");
    assert_eq!(file.status, 200);
    assert!(
        file.header("Content-Disposition").unwrap().starts_with("attachment; filename=\"leads-")
    );
    assert_eq!(file.text().lines().count(), 501);

    let rows: Vec<(String,)> = app.query("SELECT id FROM leads WHERE email = 'p8@people.example'");
    let path = format!("/admin/leads/{}", rows[0].0);
    let page = owner.get(&app, &path).shows(200);
    assert!(page.contains("They signed at our stand."), "the proof of consent");
    let wrong = owner.post(&app, &format!("{path}/erase"), &[("typed", "p9@people.example")]);
    assert!(wrong.shows(422).contains("Type the address as it stands above"));
    let erased = owner.post(&app, &format!("{path}/erase"), &[("typed", "p8@people.example")]);
    assert!(next(&app, &owner, &erased).contains("1 lead, 1 proof of consent, 1 tag"));
    assert_eq!(owner.get(&app, &path).status, 404);
    assert_eq!(crate::lead_removal::traces(&app, "p8@people.example"), Vec::<String>::new());
}

#[test]
fn files_that_are_no_lists_are_told_what_to_do_instead() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    let huge = vec![b'a'; 21 * 1024 * 1024];
    let told = |file: &[u8]| {
        let answer = app.send(&owner.upload("/admin/leads/import", &[], ("a.csv", file)));
        assert!(
            [413, 422].contains(&answer.status),
            "{} {:?} {}",
            answer.status,
            &file[..file.len().min(9)],
            answer.text()
        );
        answer.shows(answer.status)
    };
    assert!(told(b"").contains("The file is empty"));
    assert!(told(b"PK\x03\x04\x14").contains("workbook of a spreadsheet program"));
    assert!(told(b"\x89PNG\r\n\0\0").contains("not a text file"));
    assert!(told(b"email\nzo\xc3\xab@example.com\n\xe9\n").contains("is not valid UTF-8"));
    assert!(told(b"email,name\n").contains("nobody in the file"));
    assert!(told(&huge).contains("20 MB"));
    assert_eq!(app.count("imports"), 0);
    let answer = app.send(&owner.upload("/admin/leads/import", &[], ("a.csv", b"email\na@b.co\n")));
    assert_eq!(answer.status, 303);
    assert!(told(b"email\na@b.co\n").contains("Another list is being brought in"));
}

#[test]
fn a_lead_is_changed_tagged_and_noted_and_each_can_be_taken_back() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    let id = app.joins("Ana <Souza>", "ana@example.com");
    let path = format!("/admin/leads/{id}");
    let page = owner.get(&app, &path).shows(200);
    assert!(page.contains("Ana &#60;Souza&#62;") && !page.contains("<Souza>"));
    let seen = hidden(&page, "updated_at");
    let form = |name: &'static str, seen: &str| {
        owner.post(
            &app,
            &path,
            &[("name", name), ("program", "prime"), ("lang", "pt"), ("updated_at", seen)],
        )
    };
    let saved = form("Ana Souza Lima", &seen);
    assert!(next(&app, &owner, &saved).contains("Saved."));
    let stale = form("Ana Other", &seen).shows(422);
    assert!(
        stale.contains("somebody has changed this lead")
            || stale.contains("Somebody has changed this lead")
    );
    assert!(stale.contains("value=\"Ana Other\""), "what was typed is kept");
    let again = hidden(&stale, "updated_at");
    let bad = form("evil.com", &again).shows(422);
    assert!(bad.contains("without a web address") && bad.contains("value=\"evil.com\""));

    let tagged = owner.post(&app, &format!("{path}/tag"), &[("tag", "VIP")]);
    let page = next(&app, &owner, &tagged);
    assert!(page.contains("Tagged VIP.") && page.contains(&format!("action=\"{path}/untag\"")));
    assert!(
        owner
            .post(&app, &format!("{path}/tag"), &[("tag", " ")])
            .shows(422)
            .contains("A tag must not be empty")
    );
    to(&owner.post(&app, &format!("{path}/untag"), &[("tag", "vip")]));
    assert_eq!(app.count("lead_tags"), 0);

    let noted = owner.post(&app, &format!("{path}/notes"), &[("text", "Wants to begin in March.")]);
    assert!(next(&app, &owner, &noted).contains("Wants to begin in March."));
    let notes: Vec<(String, i64)> = app.query("SELECT id, updated_at FROM lead_notes");
    let note = format!("{path}/notes/{}", notes[0].0);
    let seen = notes[0].1.to_string();
    to(&owner.post(&app, &note, &[("text", "In April."), ("updated_at", &seen)]));
    assert!(
        owner
            .post(&app, &note, &[("text", "In May."), ("updated_at", &seen)])
            .shows(409)
            .contains("changed this note")
    );
    let gone = owner.post(&app, &format!("{note}/remove"), &[]);
    let page = next(&app, &owner, &gone);
    assert!(
        page.contains("The note is gone.") && page.contains("value=\"In April.\""),
        "and can come back"
    );
}

#[test]
fn two_leads_become_one_when_the_address_that_goes_is_typed() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    let one = app.joins("Ana Souza", "ana.souza@a.example");
    let other = app.joins("Ana Souza", "ana.souza@b.example");
    let page = owner.get(&app, "/admin/leads/duplicates").shows(200);
    assert!(page.contains(&format!("/admin/leads/{one}/merge?with={other}")), "{page}");
    let path = format!("/admin/leads/{one}/merge");
    assert!(
        owner
            .get(&app, &format!("{path}?with=no@a.example"))
            .shows(200)
            .contains("No other lead has this address")
    );
    assert!(
        owner
            .get(&app, &format!("{path}?with=ana.souza@b.example"))
            .shows(200)
            .contains("Which address stays?")
    );
    let fields = |kept: &str, typed: &str| {
        owner.post(&app, &path, &[("with", &other), ("kept", kept), ("typed", typed)])
    };
    assert!(fields("", "").shows(422).contains("Choose which address stays"));
    assert!(
        fields(&other, "ana.souza@b.example")
            .shows(422)
            .contains("Type ana.souza@a.example to say")
    );
    let merged = fields(&other, "ana.souza@a.example");
    assert_eq!(to(&merged), format!("/admin/leads/{other}"));
    assert!(
        next(&app, &owner, &merged).contains("ana.souza@a.example"),
        "the address of before is shown"
    );
    assert_eq!(app.count("leads"), 1);
    assert!(owner.get(&app, "/admin/leads/duplicates").shows(200).contains("No duplicates"));
}

#[test]
fn segments_are_saved_renamed_removed_and_brought_back() {
    let app = TestApp::unlimited();
    app.with_people(30);
    let owner = app.at_the_dashboard("owner");
    assert!(owner.get(&app, "/admin/segments").shows(200).contains("No segments yet"));
    let saved = owner.post(&app, "/admin/segments", &[("name", "Thirds"), ("query", "tag=t1")]);
    let page = next(&app, &owner, &saved);
    assert!(page.contains("Saved as Thirds.") && page.contains(">10</td>"), "{page}");
    let twice = owner.post(&app, "/admin/segments", &[("name", "THIRDS"), ("query", "tag=t2")]);
    assert!(twice.shows(422).contains("There is a segment called THIRDS already"));
    let rows: Vec<(String,)> = app.query("SELECT id FROM segments");
    let path = format!("/admin/segments/{}", rows[0].0);
    assert!(
        next(&app, &owner, &owner.post(&app, &path, &[("name", "Ones")]))
            .contains("It is called Ones now.")
    );
    let gone = owner.post(&app, &format!("{path}/remove"), &[]);
    let page = next(&app, &owner, &gone);
    assert!(page.contains("Ones is gone") && page.contains("name=\"query\" value=\"tag=t1\""));
    assert!(owner.get(&app, "/admin/leads?tag=t1").shows(200).contains("10 leads"));
    assert!(owner.get(&app, "/admin/leads?lang=xx").shows(200).contains("This filter is left out"));
}

#[test]
fn many_are_tagged_from_the_list_and_erased_only_after_a_word_and_a_password() {
    let app = TestApp::unlimited();
    app.with_people(60);
    let owner = app.at_the_dashboard("owner");
    let page = owner.get(&app, "/admin/leads?tag=t1").shows(200);
    let ids: Vec<&str> =
        page.split("name=\"id\" value=\"").skip(1).map(|rest| &rest[..36]).collect();
    assert_eq!(ids.len(), 20);
    let ticked = [("id", ids[0]), ("id", ids[1]), ("tag", "two"), ("filters", "tag=t1")];
    let path = to(&owner.post(&app, "/admin/leads/bulk/tag", &ticked));
    app.drain_outbox();
    assert!(owner.get(&app, &path).shows(200).contains("2 of 2 looked at, 2 changed"));
    let nobody = owner.post(&app, "/admin/leads/bulk/tag", &[("tag", "x"), ("filters", "tag=t1")]);
    assert_eq!(to(&nobody), "/admin/leads?tag=t1");
    assert!(next(&app, &owner, &nobody).contains("Tick the leads that you mean first"));

    let all = |typed: &'static str| {
        owner.post(
            &app,
            "/admin/leads/bulk/erase",
            &[("all", "yes"), ("filters", "tag=t1"), ("typed", typed)],
        )
    };
    let asks = all("").shows(200);
    assert!(asks.contains("20 people") && asks.contains("Type <strong>erase</strong>"), "{asks}");
    assert!(all("delete").shows(422).contains("Type the word erase"));
    app.change("UPDATE sessions SET confirmed_until = 0");
    let asks = all("erase").shows(403);
    assert!(
        asks.contains("Your password, please") && asks.contains("value=\"tag=t1\""),
        "and keeps the form"
    );
    assert_eq!(app.count("leads"), 60);
    let fields = [
        ("all", "yes"),
        ("filters", "tag=t1"),
        ("typed", "erase"),
        ("_password", crate::app::PASSWORD),
    ];
    let path = to(&owner.post(&app, "/admin/leads/bulk/erase", &fields));
    app.drain_outbox();
    assert!(owner.get(&app, &path).shows(200).contains("Done"));
    assert_eq!((app.count("leads"), app.count("privacy_erasures")), (40, 20));
}

#[test]
fn what_goes_on_is_shown_on_a_page_that_follows_it() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    let id = app.choose_file("email\na@example.com\n").unwrap();
    assert!(owner.get(&app, "/admin/leads/import").shows(200).contains("Go on with it"));
    let path = format!("/admin/leads/import/{id}");
    let stopped = owner.post(&app, &format!("{path}/stop"), &[]);
    assert!(next(&app, &owner, &stopped).contains("The file is gone from here."));
    let id = app.choose_file("email\na@example.com\n").unwrap();
    app.check_import(&id, &[("consent", "At the fair")]);
    app.run_import(&id);
    let path = format!("/admin/leads/import/{id}");
    let undone = owner.post(&app, &format!("{path}/undo"), &[]);
    assert!(next(&app, &owner, &undone).contains("data-follow"));
    app.drain_outbox();
    assert!(owner.get(&app, &path).shows(200).contains("Undone"));
    let late = app.change_import(&id, |tx, id, now| import::undo(tx, &Actor::command(), id, now));
    assert!(late.is_err());
    assert_eq!(app.count("leads"), 0);
}
