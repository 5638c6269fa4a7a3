// SPDX-License-Identifier: Apache-2.0
#include "app/cli_help.h"

namespace amb {

const char* const kHelpDescription =
    "ambassador stands between a consumer and the service it uses, so that the\n"
    "service can move without the consumer knowing:\n"
    "\n"
    "    (consumer) --> (ambassador) --> (redis)\n"
    "\n"
    "Say where links lead with arguments, with a file, or with the variables that\n"
    "Docker's links set; those listen on the port in the name and lead to the address\n"
    "in the value:\n"
    "\n"
    "    ambassador redis.example 6379\n"
    "    ambassador REDIS_PORT_6379_TCP=tcp://192.168.1.52:6379\n"
    "    ambassador --config links.toml\n"
    "    REDIS_PORT_6379_TCP=tcp://192.168.1.52:6379 ambassador\n"
    "\n"
    "While it runs, look at it and steer it; each command has a --help of its own:\n"
    "\n"
    "    ambassador status\n"
    "    ambassador rewire redis tcp://192.168.1.53:6379 --existing drain=30s";

const char* const kHelpFooter =
    "\nVariables:\n"
    "  <NAME>_PORT_<n>_TCP      where port n leads: tcp://host:port[,next],\n"
    "                           unix:///path, unix:@name or\n"
    "                           srv://_redis._tcp.example, options behind it as in\n"
    "                           a URL: ?health=redis&policy=random\n"
    "  AMBASSADOR_CONFIG        a file of links, if no --config names one (default:\n"
    "                           /etc/ambassador.toml, if there is one)\n"
    "  AMBASSADOR_LINKS         take only these; Kubernetes services must be named\n"
    "  AMBASSADOR_PORTS         ports of linked hosts without variables (Docker 29):\n"
    "                           5432 or postgres:5432,redis:6379\n"
    "  AMBASSADOR_WORKERS       threads that relay (default: the CPUs we may use)\n"
    "  AMBASSADOR_MAX_SESSIONS  sessions at once (default: what the descriptor limit\n"
    "                           allows)\n"
    "  AMBASSADOR_LINGER        after TERM: accept for so long, but be unready (0s)\n"
    "  AMBASSADOR_DRAIN         how long sessions may go on after that (default 9s)\n"
    "  AMBASSADOR_CONTROL       the socket that commands talk to, or none (default:\n"
    "                           /run/ambassador/control.sock, or where it can be)\n"
    "  AMBASSADOR_ADMIN         the same over TCP: 127.0.0.1:9900; it needs a token\n"
    "  AMBASSADOR_ADMIN_TOKEN   in this variable or in the file of\n"
    "                           AMBASSADOR_ADMIN_TOKEN_FILE; further names of that\n"
    "                           port in AMBASSADOR_ADMIN_HOSTS\n"
    "  AMBASSADOR_LOG           text or json (default: text on a terminal)\n"
    "  AMBASSADOR_LOG_LEVEL     debug, info, warning or error (default info)\n"
    "  AMBASSADOR_RECORDS       sessions that leave a line: errors (default), all,\n"
    "                           10% of those that end well, off\n"
    "  AMBASSADOR_TRACES        a collector that sessions leave spans with (OTLP over\n"
    "                           HTTP): http://collector:4318; which of them says\n"
    "                           AMBASSADOR_TRACES_SAMPLE: all, errors, 10%\n"
    "  AMBASSADOR_GLIMPSES      tell what sessions speak by their first bytes:\n"
    "                           on (default) or off\n"
    "\n"
    "Options of a link, in its URL or in its table of the file, among others:\n"
    "  listen=127.0.0.1         where to listen, if not everywhere\n"
    "  health=tcp               ask whether endpoints are well: tcp, http, redis,\n"
    "                           redis-primary, postgres, postgres-primary, mysql\n"
    "  policy=round_robin       or first, least_sessions, random\n"
    "  unavailable=refuse       while no endpoint is up: reset, refuse, hold=5s\n"
    "  on_down=drain=30s        sessions of an endpoint that goes down: keep, cut\n"
    "  on_rewire=drain=30s      sessions elsewhere after a rewire: keep, cut\n"
    "  connect_timeout=500ms    one attempt to connect; connect_total: all of them\n"
    "\n"
    "    [links.redis]                          # links.toml\n"
    "    listen = 6379                          # of 127.0.0.1\n"
    "    upstream = [\"tcp://redis-1:6379\", \"tcp://redis-2:6379\"]\n"
    "    health = \"redis-primary\"\n"
    "\n"
    "Signals: TERM and INT drain and end, a second one ends at once; HUP reads the\n"
    "file again.\n"
    "Exit codes: 0 fine; 1 not alive or not ready (healthcheck, wait), not now, no\n"
    "target is up (rewire), or no such session; 3 sessions were cut when the drain's\n"
    "time was up; 64 the wiring or the arguments are wrong; 69 no ambassador runs\n"
    "that could be talked to; 70 a bug; 71 no thread or descriptor can be had; 74 the\n"
    "output cannot be written.\n"
    "\n"
    "`ambassador check` tells what it makes of all this, `check --all` with every\n"
    "option that a link has.";

const char* const kHelpStatus =
    "\nWhat every link does: where it listens and leads, which endpoints are up, how\n"
    "many sessions and bytes.\n"
    "\n"
    "    ambassador status\n"
    "    ambassador status --watch           every second, with rates; Ctrl-C ends it\n"
    "    docker exec NAME /ambassador status";

const char* const kHelpRewire =
    "\nChanges where one link leads, at once and without a lost connection. First the\n"
    "new targets are checked: each name is resolved, each address asked by the link's\n"
    "health check, or else by one connect. If none of them is up, nothing changes and\n"
    "the exit code is 1; --force goes on all the same, --wait 30s waits for one to be\n"
    "up. If only some targets are up, the others are reported as warnings.\n"
    "\n"
    "--existing says what becomes of the sessions at former endpoints: they go on\n"
    "(keep), may go on for a while (drain=30s) or are reset (cut); else the link's\n"
    "on_rewire does. A rewire holds until the program ends or the link's own source\n"
    "changes; --back ends it now, and is never refused.\n"
    "\n"
    "    ambassador rewire redis tcp://192.168.1.53:6379\n"
    "    ambassador rewire db tcp://db-2:5432,tcp://db-3:5432 --existing drain=30s\n"
    "    ambassador rewire redis tcp://other:6379 --dry-run\n"
    "    ambassador rewire redis --back";

const char* const kHelpReload =
    "\nReads the file of links again, as HUP does, and says what that changed. With one\n"
    "mistake in it nothing changes, all mistakes are told, and the exit code is 64.\n"
    "\n"
    "    ambassador reload";

const char* const kHelpDrain =
    "\nTakes no new sessions and lets the old ones end, of one link or of all; the\n"
    "program goes on. `resume` is the way back.\n"
    "\n"
    "    ambassador drain redis && ambassador sessions redis";

const char* const kHelpResume =
    "\nTakes new sessions again, of one link or of all.\n"
    "\n"
    "    ambassador resume redis";

const char* const kHelpWait =
    "\nWaits until the program is there and the link, or every link, has an endpoint\n"
    "that is up. For entrypoints and CI.\n"
    "\n"
    "    ambassador wait redis --timeout 30s && exec my-server";

const char* const kHelpHealthcheck =
    "\nSays in one line whether the program is alive; with --ready whether every link\n"
    "has an endpoint that is up, too. Exit code 0 or 1. Where there is no control\n"
    "socket to ask, a process that runs counts as alive.\n"
    "\n"
    "    HEALTHCHECK CMD [\"/ambassador\", \"healthcheck\"]        in a Dockerfile\n"
    "    exec: {command: [\"/ambassador\", \"healthcheck\"]}      in a liveness probe\n"
    "    exec: {command: [..., \"healthcheck\", \"--ready\"]}     in a readiness probe";

const char* const kHelpSessions =
    "\nWho is relayed where, since when, and how much; the oldest first.\n"
    "\n"
    "    ambassador sessions redis\n"
    "    ambassador sessions --close 0-1045     resets that one";

const char* const kHelpWhy =
    "\nWhat went wrong with a link of late: causes, how often, and where.\n"
    "\n"
    "    ambassador why redis";

const char* const kHelpEvents =
    "\nFollows the program's log from now on, for people on a terminal and as a JSON\n"
    "object for each line otherwise. Ctrl-C ends it, and so does the program's end.\n"
    "\n"
    "    ambassador events\n"
    "    ambassador events | jq -r 'select(.event == \"moved\") | .now'";

const char* const kHelpCheck =
    "\nWhat becomes of arguments, file, variables and hosts file, and every problem at\n"
    "once; exit code 0 or 64. Opens nothing.\n"
    "\n"
    "    ambassador check --config links.toml\n"
    "    ambassador check links.toml          # and what it would change in what runs\n"
    "    docker run --rm --link redis:redis ambassador check";

}  // namespace amb
