//! URLs that the public door must refuse, from the advisories of other people's servers.

/// Refused by what they say, before any name is looked up.
#[rustfmt::skip] // a list to be read by group
pub(super) const REFUSED_AS_WRITTEN: &[&str] = &[
    // Loopback, in every spelling that some parser accepts.
    "http://127.0.0.1/", "http://127.0.0.1:80/", "https://127.0.0.1/", "http://127.0.0.1:8080/admin",
    "http://127.0.0.2/", "http://127.1/", "http://127.0.1/", "http://127.255.255.254/", "http://127.0.0.1./",
    "http://2130706433/", "http://2130706433./", "http://0x7f000001/", "http://0x7f.0x0.0x0.0x1/", "http://0x7f.1/",
    "http://017700000001/", "http://0177.0.0.1/", "http://0177.0.0.01/", "http://0177.1/", "http://127.0.0.0x1/",
    "http://00000177.0.0.1/", "http://%31%32%37.0.0.1/", "http://127%2e0%2e0%2e1/", "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/", "http://127.0.0.1#@example.com/", "http://127.0.0.1?@example.com/", "http:\\\\127.0.0.1\\",
    "http:127.0.0.1/", "http:///127.0.0.1/", "  http://127.0.0.1/  ", "ht\ntp://127.0.0.1/", "HTTP://127.0.0.1/",
    // "This network": Linux answers on it.
    "http://0.0.0.0/", "http://0/", "http://0.0.0.0:8080/", "http://0x0/", "http://00/", "http://0.1.2.3/",
    // Private.
    "http://10.0.0.1/", "http://10.255.255.255/", "http://10.1/", "http://167772161/", "http://0x0a000001/", "http://012.0.0.1/",
    "http://172.16.0.1/", "http://172.31.255.255/", "http://172.20.1/", "http://2886729729/",
    "http://192.168.0.1/", "http://192.168.1.1:8443/", "http://192.168.257/", "http://3232235521/", "http://0xc0a80001/",
    // Link-local and metadata of the clouds.
    "http://169.254.169.254/", "http://169.254.169.254/latest/meta-data/", "http://2852039166/", "http://0xa9fea9fe/",
    "http://0xa9.0xfe.0xa9.0xfe/", "http://0251.0376.0251.0376/", "http://169.254.43518/", "http://169.16689662/",
    "http://169.254.0.1/", "http://169.254.170.2/v2/credentials", "http://100.100.100.200/", "http://192.0.0.192/",
    "http://168.63.129.16/", "http://[fd00:ec2::254]/", "http://[fd20:ce::254]/", "http://[fe80::a9fe:a9fe]/",
    // Carrier-grade NAT, assignments, documentation, benchmarking, relays.
    "http://100.64.0.1/", "http://100.127.255.255/", "http://192.0.0.1/", "http://192.0.2.1/", "http://198.51.100.1/",
    "http://203.0.113.1/", "http://198.18.0.1/", "http://198.19.255.255/", "http://192.88.99.1/",
    // Multicast, reserved, broadcast.
    "http://224.0.0.1/", "http://239.255.255.250/", "http://240.0.0.1/", "http://254.1.2.3/", "http://255.255.255.255/", "http://4294967295/",
    // IPv6 of its own.
    "http://[::1]/", "http://[::1]:8080/", "http://[0:0:0:0:0:0:0:1]/", "http://[0000::0001]/", "http://[::]/",
    "http://[fc00::1]/", "http://[fd12:3456:789a::1]/", "http://[fe80::1]/", "http://[febf::1]/", "http://[fec0::1]/",
    "http://[ff02::1]/", "http://[ff0e::1]/", "http://[100::1]/", "http://[2001:db8::1]/", "http://[3fff::1]/",
    "http://[3ffe::1]/", "http://[2001:2::1]/", "http://[2001:10::1]/", "http://[2001:20::1]/", "http://[2620:4f:8000::1]/",
    "http://[5f00::1]/", "http://[4000::1]/", "http://[8000::1]/",
    // IPv6 around IPv4: mapped, compatible, translated, 6to4, NAT64, Teredo.
    "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[0:0:0:0:0:ffff:127.0.0.1]/", "http://[::ffff:10.0.0.1]/",
    "http://[::ffff:192.168.1.1]/", "http://[::ffff:a9fe:a9fe]/", "http://[::ffff:0.0.0.0]/", "http://[::ffff:100.64.0.1]/",
    "http://[::127.0.0.1]/", "http://[::7f00:1]/", "http://[::10.0.0.1]/", "http://[::8.8.8.8]/",
    "http://[::ffff:0:127.0.0.1]/", "http://[::ffff:0:8.8.8.8]/",
    "http://[2002:7f00:1::]/", "http://[2002:a00:1::1]/", "http://[2002:c0a8:101::1]/", "http://[2002:a9fe:a9fe::]/",
    "http://[64:ff9b::127.0.0.1]/", "http://[64:ff9b::a00:1]/", "http://[64:ff9b::169.254.169.254]/", "http://[64:ff9b::c0a8:1]/",
    "http://[64:ff9b:1::1]/", "http://[64:ff9b:1::8.8.8.8]/",
    "http://[2001:0:7f00:1::]/", "http://[2001::80ff:fffe]/", "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
    // Names that are local by definition.
    "http://localhost/", "http://LOCALHOST/", "http://localhost./", "http://localhost:8080/", "http://a.localhost/",
    "http://ⓛocalhost/", "http://lo%63alhost/", "http://localhost.localdomain/", "http://printer.local/", "http://router.lan/",
    "http://nas.home.arpa/", "http://metadata.google.internal/computeMetadata/v1/", "http://host.docker.internal/",
    "http://kubernetes.default.svc.cluster.local/", "http://intranet/", "http://db/", "http://metadata/", "http://com./",
    "http://a..example.com/", "http://.example.com/", "http://example.com../",
    // Other schemes, ports, and passwords in the address.
    "file:///etc/passwd", "file://example.com/etc/passwd", "ftp://example.com/", "gopher://example.com:80/_x", "dict://example.com:80/",
    "ldap://example.com/", "data:text/plain,x", "javascript:alert(1)", "unix:/run/control.sock", "ws://example.com/", "jar:http://example.com!/",
    "http://example.com:22/", "http://example.com:25/", "http://example.com:0/", "http://example.com:6379/", "https://example.com:5432/",
    "http://example.com:8000/", "http://example.com:65535/", "http://8.8.8.8:53/",
    "http://user@example.com/", "http://user:pw@example.com/", "http://:pw@example.com/", "http://example.com@127.0.0.1/",
    "http://127.0.0.1@example.com/", "http://127.0.0.1:80@example.com/", "http://localhost%00@example.com/",
    // Not URLs at all.
    "", "/", "//127.0.0.1/", "127.0.0.1", "example.com", "http://", "http://[::1", "http://[::1%25lo]/", "http://[fe80::1%eth0]/",
    "http://256.256.256.256/", "http://127.0.0.1.1.1/", "http://0x/..", "http://exa mple.com/", "http://example.com:99999/", "http://1.2.3.08/",
    "http://%00/", "http://example%2fcom/",
];

/// Innocent names whose DNS answer is not: (URL, what the name resolves to).
pub(super) const REFUSED_AFTER_LOOKUP: &[(&str, &[&str])] = &[
    ("http://127.0.0.1.nip.example/", &["127.0.0.1"]),
    ("https://rebind.example/", &["10.0.0.8"]),
    ("https://one-bad.example/", &["93.184.215.14", "192.168.0.4"]),
    ("https://one-bad-v6.example/", &["2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::1"]),
    ("https://mapped.example/", &["::ffff:127.0.0.1"]),
    ("https://six-to-four.example/", &["2002:7f00:1::1"]),
    ("https://nat64.example/", &["64:ff9b::a9fe:a9fe"]),
    ("https://ula.example/", &["fd00:ec2::254"]),
    ("https://metadata.example/", &["169.254.169.254"]),
    ("https://zero.example/", &["0.0.0.0"]),
    ("https://dot.example./", &["127.0.0.1"]),
    ("https://cgnat.example/", &["100.100.100.200"]),
    ("https://bücher.example/", &["127.0.0.1"]),
    ("http://example.com\\@127.0.0.1/", &["127.0.0.1"]),
];

/// Addresses that must stay reachable, or the check would be "refuse everything".
#[rustfmt::skip] // a list to be read by group
pub(super) const PUBLIC: &[&str] = &[
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "93.184.215.14", "100.63.255.255", "100.128.0.0", "126.255.255.255",
    "128.0.0.0", "168.63.129.15", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255",
    "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700:4700::1111", "2001:4860:4860::8888", "2a00:1450::1",
    "2001:200::1", "3ffd::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1",
];
