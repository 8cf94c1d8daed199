//! Sealing, the key's forms, and its file.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Barrier;
use std::thread;

use base64::engine::general_purpose::STANDARD;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::platform::secret::Secret;

const KEY_HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

fn key() -> DataKey {
    DataKey::from_variable(KEY_HEX).unwrap()
}

proptest! {
    #[test]
    fn what_was_sealed_opens_to_the_same_bytes(plain in vec(any::<u8>(), 0..500), context in ".{0,40}") {
        let sealed = key().seal(&context, &plain);
        prop_assert_eq!(key().open(&context, &sealed), Ok(plain));
    }

    #[test]
    fn a_sealed_secret_opens_in_its_own_place_only(plain in vec(any::<u8>(), 0..50), a in ".{0,20}", b in ".{0,20}") {
        prop_assume!(a != b);
        prop_assert_eq!(key().open(&b, &key().seal(&a, &plain)), Err(OpenError::Tampered));
    }

    #[test]
    fn another_key_is_told_from_tampering(bytes in any::<[u8; KEY_BYTES]>(), plain in vec(any::<u8>(), 0..50)) {
        let other = DataKey(bytes);
        prop_assume!(other.id() != key().id());
        let expected = OpenError::WrongKey { sealed_with: other.id(), here: key().id() };
        prop_assert_eq!(key().open("c", &other.seal("c", &plain)), Err(expected));
    }

    #[test]
    fn no_text_makes_opening_panic(text in "(v[0-9]{1,3}|.{0,3})[.]?(630dcd29|.{0,8})[.]?[A-Za-z0-9_=-]{0,80}") {
        prop_assert!(key().open("c", &text).is_err());
    }

    #[test]
    fn every_key_survives_paper(bytes in any::<[u8; KEY_BYTES]>()) {
        let key = DataKey(bytes);
        let text = key.recovery_text().expose().clone();
        prop_assert_eq!(text.len(), 14 * 4 + 13);
        prop_assert!(text.split('-').all(|group| group.len() == 4));
        let scribbled = text.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
        for written in [text, scribbled] {
            prop_assert_eq!(DataKey::from_recovery_text(&written), Ok(key.clone()));
            prop_assert_eq!(DataKey::from_variable(&written).unwrap(), key.clone());
        }
    }

    #[test]
    fn no_text_makes_reading_a_key_panic(text in ".{0,80}") {
        prop_assert!(DataKey::from_recovery_text(&text).is_err());
    }
}

#[test]
fn a_change_of_any_character_is_noticed() {
    let sealed = key().seal("jwt_key/1", b"a secret of some length");
    for position in 0..sealed.len() {
        for replacement in ["A", "B", "-", ".", "=", "é", ""] {
            let mut changed = sealed.clone();
            changed.replace_range(position..=position, replacement);
            if changed != sealed {
                assert!(
                    key().open("jwt_key/1", &changed).is_err(),
                    "{replacement:?} at {position}"
                );
            }
        }
    }
}

#[test]
fn a_change_of_any_bit_of_the_body_is_tampering() {
    let sealed = key().seal("c", b"secret");
    let (head, body) = sealed.rsplit_once('.').unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(body).unwrap();
    for bit in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let changed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(changed));
        assert_eq!(key().open("c", &changed), Err(OpenError::Tampered), "bit {bit}");
    }
}

#[test]
fn the_same_secret_never_looks_the_same_twice() {
    assert_ne!(key().seal("c", b"secret"), key().seal("c", b"secret"));
}

#[test]
fn a_secret_sealed_by_an_earlier_build_still_opens() {
    // Written once and kept: a change of format must be a new version.
    let sealed =
        "v1.630dcd29.vS1LQdN1gtBO6edRmx0QpgZ06C6jlQ4mtc8yvaev2p3DnzhxGTIAEdY56R_oCWfTeuD6joQ";
    assert_eq!(key().open("jwt_key/01", sealed), Ok(b"kept for ever".to_vec()));
}

#[test]
fn what_is_not_sealed_text_is_told_apart() {
    let id = key().id();
    for text in [
        "",
        "v1",
        "plain text",
        "v1.630dcd29",
        "v1.630dcd29.",
        "v1..AAAA",
        "vx.630dcd29.AAAA",
        "v1.630dcd29.AAAA.AAAA",
        "v1.<script>.A",
    ] {
        assert_eq!(key().open("c", text), Err(OpenError::Malformed), "{text:?}");
    }
    assert_eq!(key().open("c", &format!("v2.{id}.AAAA")), Err(OpenError::UnknownVersion));
}

#[test]
fn a_key_is_read_as_hex_and_as_both_base64s() {
    let bytes: [u8; KEY_BYTES] = std::array::from_fn(|index| 255 - index as u8);
    let texts = [
        hex::encode(&bytes),
        hex::encode(&bytes).to_uppercase(),
        STANDARD.encode(bytes),
        URL_SAFE_NO_PAD.encode(bytes),
        format!(" {}\n", STANDARD.encode(bytes)),
    ];
    for text in texts {
        assert_eq!(DataKey::from_variable(&text).unwrap(), DataKey(bytes), "{text}");
    }
}

#[test]
fn a_wrong_key_text_names_the_variable_and_the_shape_and_not_itself() {
    for text in [
        "",
        "s3cret",
        &KEY_HEX[2..],
        &format!("{KEY_HEX}00"),
        &KEY_HEX.replace("00", "zz"),
        &STANDARD.encode([7; 16]),
        &STANDARD.encode([7; 33]),
    ] {
        let error = DataKey::from_variable(text).unwrap_err().to_string();
        assert!(
            error.contains("MANERO_DATA_KEY") && error.contains("64 hex digits or 44 base64"),
            "{error}"
        );
        assert!(text.is_empty() || !error.contains(text), "{error}");
    }
}

#[test]
fn a_slip_of_the_pen_in_a_recovery_key_is_noticed() {
    let text = key().recovery_text().expose().clone();
    for position in (0..text.len()).filter(|position| position % 5 != 4) {
        let mut changed = text.clone().into_bytes();
        changed[position] = if changed[position] == b'Z' { b'Y' } else { b'Z' };
        assert_eq!(
            DataKey::from_recovery_text(std::str::from_utf8(&changed).unwrap()),
            Err(RecoveryError::Checksum)
        );
    }
    assert_eq!(DataKey::from_recovery_text(&text[5..]), Err(RecoveryError::Length { found: 52 }));
    let with_a_u = format!("{}U{}", &text[..5], &text[6..]);
    assert_eq!(DataKey::from_recovery_text(&with_a_u), Err(RecoveryError::Character { group: 2 }));
    assert!(DataKey::from_variable(&with_a_u).unwrap_err().to_string().contains("group 2"));
}

#[test]
fn the_first_start_makes_a_key_that_only_the_owner_can_read_and_later_ones_find_it() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let path = data.join("keys/data.key");
    let (made, origin) = DataKey::load(None, &data).unwrap();
    assert_eq!(origin, KeyOrigin::Created(path.clone()));
    let permissions =
        |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((permissions(&path), permissions(path.parent().unwrap())), (0o600, 0o700));
    assert_eq!(DataKey::load(None, &data).unwrap(), (made.clone(), KeyOrigin::File(path.clone())));
    assert_eq!(
        fs::read_dir(path.parent().unwrap()).unwrap().count(),
        1,
        "no temporary file is left"
    );
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(DataKey::load(None, &data).unwrap().0, made);
    assert_eq!(permissions(&path), 0o600);
}

#[test]
fn a_new_key_file_is_never_readable_by_others_not_even_for_a_moment() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keys/data.key");
    // Before any loading, which would close a file that is open to others.
    assert!(key_file::create(&path).unwrap());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!key_file::create(&path).unwrap(), "a name that is taken is left alone");
}

#[test]
fn a_configured_key_is_used_and_no_file_is_made() {
    let directory = tempfile::tempdir().unwrap();
    let configured = Secret::new(KEY_HEX.to_owned());
    assert_eq!(
        DataKey::load(Some(&configured), directory.path()).unwrap(),
        (key(), KeyOrigin::Configured)
    );
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn starts_at_the_same_moment_agree_on_one_key() {
    const STARTS: usize = 8;
    for _ in 0..20 {
        let directory = tempfile::tempdir().unwrap();
        let together = Barrier::new(STARTS);
        let loaded: Vec<_> = thread::scope(|scope| {
            let start = || {
                together.wait();
                DataKey::load(None, directory.path()).unwrap()
            };
            let threads: Vec<_> = (0..STARTS).map(|_| scope.spawn(start)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(loaded.iter().all(|(key, _)| *key == loaded[0].0));
        assert_eq!(
            loaded.iter().filter(|(_, origin)| matches!(origin, KeyOrigin::Created(_))).count(),
            1
        );
        assert_eq!(fs::read_dir(directory.path().join("keys")).unwrap().count(), 1);
    }
}

#[test]
fn a_broken_key_file_is_reported_and_never_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keys/data.key");
    fs::create_dir(path.parent().unwrap()).unwrap();
    for broken in [b"".as_slice(), b"half a k3y", b"\xff\xfe"] {
        fs::write(&path, broken).unwrap();
        let error = DataKey::load(None, directory.path()).unwrap_err();
        assert!(matches!(error, KeyError::File { .. }), "{error:?}");
        assert!(
            error.to_string().contains("data.key") && !error.to_string().contains("k3y"),
            "{error}"
        );
        assert_eq!(fs::read(&path).unwrap(), broken);
    }
}

#[test]
fn a_data_directory_that_is_a_file_is_an_error_that_names_it() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = DataKey::load(None, file.path()).unwrap_err();
    assert!(matches!(error, KeyError::Io { .. }), "{error:?}");
    assert!(error.to_string().contains(&file.path().display().to_string()), "{error}");
}

#[test]
fn keys_are_not_shown() {
    let (_, origin) =
        DataKey::load(Some(&Secret::new(KEY_HEX.into())), std::path::Path::new("unused")).unwrap();
    assert_eq!(
        format!("{:?} {:?} {origin:?}", key(), key().recovery_text()),
        "DataKey(630dcd29) *** Configured"
    );
}

#[test]
fn tokens_are_long_enough_distinct_and_fit_in_a_url() {
    let tokens: std::collections::HashSet<String> = (0..100).map(|_| random_token(32)).collect();
    assert_eq!(tokens.len(), 100);
    assert!(tokens.iter().all(|token| {
        token.len() == 43 && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    }));
    assert_eq!(random_token(0), "");
}

#[test]
fn digests_are_those_of_the_standard() {
    // FIPS 180-2, appendix B.1.
    assert_eq!(
        sha256_hex("abc"),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}
