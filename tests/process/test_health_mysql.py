# SPDX-License-Identifier: Apache-2.0
"""A real MariaDB behind a link: asked whether it is well, and never so that it shuts our host out."""

from support.mariadb import MariaDb
from support.peer import Peer
from support.poll import eventually

OFTEN = "health_interval=50ms&health_timeout=2s&health_rise=1&health_fall=2"


def test_a_server_is_up_down_while_it_is_stopped_and_up_again(relay_to, server):
    database = server(MariaDb())
    near = relay_to(f"{database.url}?health=mysql&{OFTEN}")
    assert "Access denied for user 'ambassador'" in near.wait_event("endpoint_up")["reason"]
    database.end()
    near.wait_event("link_unavailable")
    assert "Connection refused" in near.wait_event("endpoint_down")["reason"]
    database.start()
    near.wait_event("link_available")


def test_a_user_of_its_own_leaves_no_line_in_the_servers_log(relay_to, server):
    database = server(MariaDb())
    database.sql("CREATE USER probe@'%'")
    before = database.log
    near = relay_to(f"{database.url}?health=mysql&health_user=probe&{OFTEN}")
    assert near.wait_event("endpoint_up")["reason"] == "it takes sessions"
    logins = "SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'Connections'"
    first = int(database.sql(logins))
    eventually(lambda: int(database.sql(logins)) > first + 20, "twenty logins", every=0.1)
    near.stop()
    assert database.log == before


def test_what_an_account_may_not_is_no_fault_of_the_server(relay_to, server):
    """A limit of the account's (1226), a password that has expired (1862), a plugin that is not there (1524)."""
    database = server(MariaDb("--disconnect-on-expired-password=ON"))
    database.sql("CREATE USER limited@'%' WITH MAX_CONNECTIONS_PER_HOUR 1; CREATE USER expired@'%' PASSWORD EXPIRE;"
                 "CREATE USER plugged@'%';"
                 "UPDATE mysql.global_priv SET priv = JSON_SET(priv, '$.plugin', 'no_such_plugin')"
                 " WHERE user = 'plugged'; FLUSH PRIVILEGES")
    for user, code in (("limited", 1226), ("expired", 1862), ("plugged", 1524)):
        if user == "limited":
            database.client_of("limited")  # the one that it may have
        near = relay_to(f"{database.url}?health=mysql&health_user={user}&{OFTEN}")
        assert f"({code})" in near.wait_event("endpoint_up")["reason"]


def test_checks_do_not_make_a_server_shut_the_host_out(relay_to, server, network):
    """As bare connections do, after max_connect_errors of them: those are tried last, so that it is seen to count."""
    here, there = network.host("here"), network.host("there")
    network.lan(here, there)
    database = server(MariaDb("--max-connect-errors=3", "--performance-schema=ON", on=there,
                              hosts=f"127.0.0.1 localhost\n{here.address} here.test\n"))
    database.sql("CREATE USER somebody@'%' IDENTIFIED BY 'secret'")  # without one, no host may connect at all
    near = relay_to(f"tcp://{there.address}:{database.port}?health=mysql&{OFTEN}", prefix=here.prefix)
    near.wait_event("endpoint_up")
    eventually(lambda: database.log.count("Access denied for user 'ambassador'") > 20, "twenty checks")
    assert database.sql("SELECT sum_connect_errors FROM performance_schema.host_cache") == "0"
    assert near.events("endpoint_down") == []
    for _ in range(3):
        with here.call(Peer.connect, database.port, there.address) as peer:
            peer.receive(4)
    assert "is blocked because of many connection errors" in near.wait_event("endpoint_down")["reason"]
