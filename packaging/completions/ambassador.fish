# SPDX-License-Identifier: Apache-2.0
# fish completion for ambassador. Install it as ~/.config/fish/completions/ambassador.fish.

# Names of the links of the running program, where there is one.
function __ambassador_links
    ambassador status --json 2>/dev/null | string match --all --regex --groups-only '"name":"([^"]*)"'
end

function __ambassador_sessions
    ambassador sessions --json 2>/dev/null | string match --all --regex --groups-only '"id":"([^"]*)"'
end

function __ambassador_after
    __fish_seen_subcommand_from $argv
end

complete -c ambassador -f -l help -d 'say how it is used'
complete -c ambassador -n __fish_use_subcommand -l version -d 'say which version this is'
complete -c ambassador -n __fish_use_subcommand -l config -r -d 'a file of links'

complete -c ambassador -f -n __fish_use_subcommand -a run -d 'wire and relay until told to stop'
complete -c ambassador -f -n __fish_use_subcommand -a check -d 'explain every candidate and problem'
complete -c ambassador -f -n __fish_use_subcommand -a status -d 'what every link does now'
complete -c ambassador -f -n __fish_use_subcommand -a sessions -d 'who is relayed where'
complete -c ambassador -f -n __fish_use_subcommand -a why -d 'what went wrong with a link'
complete -c ambassador -f -n __fish_use_subcommand -a events -d 'follow what happens'
complete -c ambassador -f -n __fish_use_subcommand -a rewire -d 'change where a link leads, now'
complete -c ambassador -f -n __fish_use_subcommand -a reload -d 'read the file of links again'
complete -c ambassador -f -n __fish_use_subcommand -a drain -d 'take no new sessions'
complete -c ambassador -f -n __fish_use_subcommand -a resume -d 'take new sessions again'
complete -c ambassador -f -n __fish_use_subcommand -a wait -d 'until a link has an endpoint that is up'
complete -c ambassador -f -n __fish_use_subcommand -a healthcheck -d 'alive or not'
complete -c ambassador -f -n __fish_use_subcommand -a version -d 'version, commit and data paths'

complete -c ambassador -n '__ambassador_after run check' -l config -r -d 'a file of links'
complete -c ambassador -f -n '__ambassador_after check status sessions why events version' -l json -d 'for machines'
complete -c ambassador -f -n '__ambassador_after check' -l all -d 'with every option'
complete -c ambassador -f -n '__ambassador_after status' -l watch -d 'again every second'
complete -c ambassador -f -n '__ambassador_after sessions' -l close -x -a '(__ambassador_sessions)' -d 'end this one'
complete -c ambassador -f -n '__ambassador_after rewire' -l existing -x -a 'keep cut drain=30s' -d 'sessions at former endpoints'
complete -c ambassador -f -n '__ambassador_after rewire' -l back -d 'to what its own source says'
complete -c ambassador -f -n '__ambassador_after rewire' -l dry-run -d 'only say what would change'
complete -c ambassador -f -n '__ambassador_after rewire' -l force -d 'even if no new target is up'
complete -c ambassador -f -n '__ambassador_after rewire' -l wait -x -a '10s 30s 1m 5m' -d 'until a new target is up'
complete -c ambassador -f -n '__ambassador_after rewire' -l check-timeout -x -a '1s 3s 10s' \
    -d 'for checking the targets'
complete -c ambassador -f -n '__ambassador_after healthcheck' -l ready -d 'and every link has an endpoint that is up'
complete -c ambassador -f -n '__ambassador_after wait' -l timeout -x -a '10s 30s 1m 5m' -d 'how long'
complete -c ambassador -n '__ambassador_after status sessions why events rewire reload drain resume wait healthcheck' \
    -l control -r -d 'where the running one listens'
complete -c ambassador -f -n '__ambassador_after sessions why rewire drain resume wait' -a '(__ambassador_links)' -d link
