//! `mera workspace recover` and `new-recovery-code`.

use super::{Desk, MERA, Relay, mera};
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

/// Whether a person comes back into a folder of the desk, who types a code or has it in the surroundings.
fn recover(desk: &Desk, relay: &Relay, (typed, around): (&str, Option<&str>)) -> (bool, Value) {
    let mut command = Command::new(MERA);
    let words = ["--json", "workspace", "recover", "--name", "Rikkes pc", "--person", "Rikke", "--series", "R1"];
    command.args(words).args(["--key-in-plain", "--relay", relay.address(), "--folder", &desk.text("rikke")]);
    command.env_remove("MERA_RECOVERY_CODE").envs(around.map(|code| ("MERA_RECOVERY_CODE", code)));
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    // One that needs nothing typed may have gone already.
    writeln!(process.stdin.take().unwrap(), "{typed}").ok();
    let output = process.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    (output.status.success(), serde_json::from_str(said.lines().last().unwrap_or("null")).unwrap())
}

#[test]
fn a_company_comes_back_on_a_fresh_machine_by_the_code_that_is_typed_there() {
    let relay = Relay::start();
    let desk = Desk::new(Some(relay.address()));
    let anna = desk.serve("anna");
    assert!(anna.create("Aalborg Værft")["ok"].is_object());
    anna.until(|status| status["connected"] == true && status["waiting_changes"] == 0);
    drop(anna);

    let (well, told) = mera(&["workspace", "new-recovery-code", "--folder", &desk.text("anna")]);
    let code = told["recovery_code"].as_str().unwrap_or_default();
    assert!(well && code.starts_with("MERA-RECOVERY2-") && told["relay"] == relay.address(), "{told}");
    std::fs::remove_dir_all(desk.place("anna")).unwrap();

    let (well, told) = recover(&desk, &relay, ("MERA-RECOVERY2-ABCDE", None));
    assert_eq!((well, &told["refused"]["code"]), (false, &json!("recovery.no_code")));
    assert!(!desk.place("rikke").exists(), "nothing was made");
    let (well, told) = recover(&desk, &relay, (code, None));
    assert!(well && told["company"].is_string(), "{told}");
    let rikke = desk.serve("rikke");
    let kinds = json!({ "do": "list", "kind": "customer" });
    rikke.until(|_| rikke.ask(&kinds)["ok"]["page"]["total"] == 1);
    let about = rikke.ask(&json!({ "do": "about" }));
    assert!(about["ok"]["about"]["roles"].as_array().unwrap().contains(&json!("administrator")), "{about}");
    drop(rikke);
    let (well, told) = recover(&desk, &relay, ("", Some(code)));
    assert_eq!(
        (well, &told["refused"]["code"]),
        (false, &json!("device.exists")),
        "the code was taken, the folder was not"
    );
    assert!(desk.doctor("rikke").0);
}
