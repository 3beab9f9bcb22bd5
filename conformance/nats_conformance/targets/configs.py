"""The config groups: cases that need the same server configuration share an instance.

Each text is a real nats-server config file without ports (the runner chooses them).
`{store_dir}` in a text is the instance's own directory for streams. A group
costs a server start, so keep them few.
"""

from __future__ import annotations

from typing import Final

#: Opens the monitoring port; its number is in the ports file.
MONITORING: Final = 'http: "127.0.0.1:-1"\n'

#: `guest` and `reader` may not do everything; `free` may.
PERMISSIONS: Final = """
authorization {
  users = [
    {user: free, password: pw}
    {user: reader, password: pw, permissions: {
      subscribe: {allow: ["OK.*.b", "IN.>", "ONE.*", "MID.*.*.b"]}
    }}
    {user: guest, password: pw, permissions: {
      subscribe: {deny: ["NO.x.*", "OUT.*.b"]}
      publish: {deny: ["NO.p"]}
    }}
    {user: limited, password: pw, permissions: {
      publish: {allow: ["OK.>"], deny: ["OK.no"]}
      subscribe: {allow: ["OK.>", "QQ.* team"], deny: ["OK.no"]}
    }}
  ]
}
"""

#: Users of the authorization block and of two accounts, some with bcrypt hashes (chapter 70).
#: The password of `xx` is 72 times x, that of `uml` is pässwörd.
USERS: Final = """
authorization {
  default_permissions: {publish: "TOP.>"}
  users = [
    {user: tom, password: pw}
    {user: nopw}
    {user: h2a, password: $2a$04$AxGOs8GZR2kipjKQ9ZHipug93AWC.qGDIhFdTLSMIK/cCRum3r9ZK}
    {user: h2b, password: "$2b$04$Rx30jzqbeTlFOX/jDNHameG6xfSdb0WQwDrS/AzTEfdCW/3fJOtKe"}
    {user: h2x, password: "$2x$04$Rx30jzqbeTlFOX/jDNHameG6xfSdb0WQwDrS/AzTEfdCW/3fJOtKe"}
    {user: h2y, password: "$2y$04$Rx30jzqbeTlFOX/jDNHameG6xfSdb0WQwDrS/AzTEfdCW/3fJOtKe"}
    {user: nil, password: "$2a$04$N6jAyvRhGxDRf8siAjeRWemH37.K4oZFPHNxkXXmMSaIiEa2aphta"}
    {user: xx, password: "$2a$04$Oar/Ec/w2lnDyBlM7FxZbucu5QcNQASKECNDqaWFUMdbAmkH5zQ9W"}
    {user: uml, password: "$2a$04$2UqQD2i3HW6hG.Uw/kDngu4Kt3tqh1SMYMhCXJChF68Dgfi/0215u"}
    {user: bad, password: "$2a$04$short"}
    {user: dollar, password: "$2a$short"}
    {user: web, password: pw, allowed_connection_types: ["WEBSOCKET", "MQTT", "MQTT_WS"]}
    {user: leaf, password: pw, allowed_connection_types: ["LEAFNODE", "LEAFNODE_WS"]}
    {user: alone, password: pw, allowed_connection_types: "WEBSOCKET"}
    {user: std, password: pw, allowed_connection_types: ["STANDARD"]}
    {user: low, password: pw, connection_types: ["mqtt", "standard"]}
    {user: all, password: pw, clients: []}
  ]
}
accounts {
  A: {
    default_permissions: {publish: "ACC.>"}
    users: [
      {user: ann, password: pw}
      {user: ada, password: pw, permissions: {publish: "MINE.>"}}
      {user: ash, password: "$2a$04$AxGOs8GZR2kipjKQ9ZHipug93AWC.qGDIhFdTLSMIK/cCRum3r9ZK"}
      {user: away, password: pw, allowed_connection_types: ["WEBSOCKET"]}
    ]
  }
  B: { users: [{user: bob, password: pw}] }
}
no_auth_user: ann
"""

#: Each user has other lists (chapter 72); `default` has those of the block, `free` may do anything.
PERMISSION_LISTS: Final = """
authorization {
  default_permissions: {publish: "DP.>", subscribe: ["DP.>"]}
  users = [
    {user: free, password: pw, permissions: {}}
    {user: default, password: pw}
    {user: plain, password: pw, permissions: {publish: "OK.a", subscribe: ["OK.*", "SS.>"]}}
    {user: empty, password: pw, permissions: {publish: [], subscribe: {allow: []}}}
    {user: blank, password: pw, permissions: {publish: {}, subscribe: {deny: []}}}
    {user: writer, password: pw, permissions: {
      publish: {allow: "OK.>", deny: ["OK.no", "OK.*.no"]}
    }}
    {user: forked, password: pw, permissions: {publish: ["FK.*", "FK.a.>"]}}
    {user: fenced, password: pw, permissions: {publish: {deny: ["FK.*", "FK.a.>"]}}}
    {user: denied, password: pw, permissions: {
      publish: {deny: "NO.>"}
      subscribe: {deny: ["NO.*", "QD qd.*", "BOTH", "BOTH one"]}
    }}
    {user: queues, password: pw, permissions: {
      subscribe: {allow: ["QQ.* v1", "BOTH", "BOTH w.*"]}
    }}
    {user: once, password: pw, permissions: {allow_responses: true}}
    {user: twice, password: pw, permissions: {
      publish: {allow: "OK.>", deny: "NO.>"}, allow_responses: {max: 2}
    }}
    {user: brief, password: pw, permissions: {
      publish: [], publish_allow_responses: {max_messages: 2, ttl: "1s"}
    }}
    {user: always, password: pw, permissions: {allow_responses: {max: -1, expires: "-1s"}}}
    {user: zero, password: pw, permissions: {allow_responses: {max: 0, expires: "0s"}}}
    {user: silent, password: pw, permissions: {allow_responses: false}}
  ]
}
"""

#: Accounts with little room, none and plenty, on a server with limits of its own (chapter 73).
ACCOUNT_LIMITS: Final = """
max_payload: 2000
max_subscriptions: 4
accounts {
  PAIR: { limits: { max_connections: 2 }, users: [{user: pair, password: pw}, {user: pal, password: pw}] }
  ONE: { limits: { max_conn: 1 }, users: [{user: one, password: pw}] }
  SINGLE: { limits: { max_conn: 1 }, users: [{user: single, password: pw}] }
  NONE: { limits: { max_conn: 0 }, users: [{user: none, password: pw}] }
  TIGHT: { limits: { max_subscriptions: 2, max_payload: 100 }, users: [{user: tight, password: pw}] }
  MUTE: { limits: { max_pay: 0 }, users: [{user: mute, password: pw}] }
  WIDE: { limits: { max_subs: 100, max_payload: 5000 }, users: [{user: wide, password: pw}] }
  OPEN: {
    limits: { max_conn: -1, max_subs: -1, max_pay: -1, max_leafnodes: 1 }
    users: [{user: open, password: pw}]
  }
}
no_auth_user: one
"""

#: JetStream, with nothing to lose: no case looks at a file of it.
JETSTREAM: Final = 'jetstream { store_dir: "{store_dir}", sync_interval: "2m" }\n'

#: A message may be larger than a record, and little may wait to be stored (JS-PUB-026).
JETSTREAM_BOUNDS: Final = """
max_payload: 40000000
jetstream { store_dir: "{store_dir}", sync_interval: "2m", max_buffered_msgs: 5 }
"""

#: Room for 10 messages of 1000 bytes in memory, for 20 in files.
JETSTREAM_SMALL: Final = """
jetstream { store_dir: "{store_dir}", max_memory_store: 10000, max_file_store: 20000 }
"""

#: A domain, and a name that can be told from an id.
JETSTREAM_DOMAIN: Final = """
server_name: hub
jetstream { store_dir: "{store_dir}", domain: HUB }
"""

#: Accounts with streams, without, with little room for them, and the system account; each has
#: a user of its name.
JETSTREAM_ACCOUNTS: Final = """
jetstream { store_dir: "{store_dir}" }
accounts {
  WITH: { jetstream: enabled, users: [{user: WITH, password: pw}] }
  WITHOUT: { users: [{user: WITHOUT, password: pw}] }
  LIMITED: {
    jetstream: {
      max_mem: 10000, max_file: 20000, max_streams: 2, max_consumers: 3, max_bytes_required: true
      mem_max_stream_bytes: 6000, disk_max_stream_bytes: 12000
    }
    users: [{user: LIMITED, password: pw}]
  }
  FULL: { jetstream: { max_mem: 1000, max_file: 2000 }, users: [{user: FULL, password: pw}] }
  SYSTEM: { users: [{user: SYSTEM, password: pw}] }
}
system_account: SYSTEM
"""

#: Everybody has the same account, with little room: one stream of at most 10000 bytes.
JETSTREAM_LIMITS: Final = """
jetstream { store_dir: "{store_dir}" }
accounts {
  ROOM: {
    jetstream: {
      max_streams: 1, max_bytes: true, memory_max_stream_bytes: 10000, disk_max_stream_bytes: 10000
    }
    users: [{user: ROOM, password: pw}]
  }
}
no_auth_user: ROOM
"""

#: Monitoring of a server with several accounts; whoever says nothing is `one`.
MONITORING_ACCOUNTS: Final = f"""
{MONITORING}
jetstream {{ store_dir: "{{store_dir}}", sync_interval: "2m" }}
accounts {{
  ONE: {{ jetstream: enabled, users: [{{user: one, password: pw}}] }}
  TWO: {{ users: [{{user: two, password: pw}}, {{user: second, password: pw}}] }}
  IDLE: {{ users: [{{user: idle, password: pw}}] }}
  SYSTEM: {{ users: [{{user: system, password: pw}}] }}
}}
system_account: SYSTEM
no_auth_user: one
"""

#: Groups that a server which is not ours may serve as it is.
OPEN: Final = frozenset({"default", "jetstream"})
#: The group that is a monitoring port and nothing else.
PORT_ONLY: Final = "monitoring"
#: Groups that it may serve as it is if it is known where it is monitored.
MONITORED: Final = frozenset({PORT_ONLY, "monitoring-jetstream"})

CONFIGS: Final[dict[str, str]] = {
    "default": "",
    "jetstream": JETSTREAM,
    "crash": JETSTREAM,
    "crash-synced": 'jetstream { store_dir: "{store_dir}", sync_interval: always }\n',
    "jetstream-bounds": JETSTREAM_BOUNDS,
    "jetstream-small": JETSTREAM_SMALL,
    "jetstream-domain": JETSTREAM_DOMAIN,
    "jetstream-lenient": 'jetstream { store_dir: "{store_dir}", strict: false }\n',
    "jetstream-accounts": JETSTREAM_ACCOUNTS,
    "jetstream-limits": JETSTREAM_LIMITS,
    "monitoring": MONITORING,
    "monitoring-jetstream": MONITORING + JETSTREAM,
    "monitoring-accounts": MONITORING_ACCOUNTS,
    "monitoring-base": 'http_port: -1\nhttp_base_path: "/nats"\n',
    "auth-token": 'authorization { token: "s3cr3t", timeout: 1 }\n',
    "auth-token-hash": 'authorization { token: "$2a$04$nuY2njFIzBRr2LlZiYrS9.LYnXPVGUHzKMVwYzfSLTPFOa7z4Q4ou" }\n',
    "auth-user": 'authorization { user: "alice", password: "s3cr3t", timeout: 1 }\n',
    "subscription-limits": "max_subscriptions: 2\nmax_subscription_tokens: 3\nmax_payload: 1024\n",
    "keepalive": f'{MONITORING}ping_interval: "400ms"\nping_max: 2\n',
    "slow-consumers": f"{MONITORING}max_pending: 1048576\n",
    "write-deadline": f'{MONITORING}write_deadline: "200ms"\n',
    "no-stall": "max_pending: 1048576\nno_fast_producer_stall: true\n",
    "users": USERS,
    "account-limits": ACCOUNT_LIMITS,
    "permissions": PERMISSIONS,
    "permission-lists": PERMISSION_LISTS,
    "no-auth-user": PERMISSIONS + "no_auth_user: guest\n",
    "no-headers": "no_header_support: true\n",
}
