# SPDX-License-Identifier: Apache-2.0
# bash completion for ambassador. Source it, or install it as /usr/share/bash-completion/completions/ambassador.

# Offers those of the words $1 that begin with $2, without what bash takes for words before the last.
_ambassador_offer() {
  local before=''
  [[ $2 == *[:=]* ]] && before=${2%"${2##*[:=]}"}
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
  COMPREPLY=("${COMPREPLY[@]#"$before"}")
}

# Names of the links of the running program, where there is one.
_ambassador_links() {
  "$1" status --json 2>/dev/null | grep -o '"name":"[^"]*"' | cut -d '"' -f 4
}

_ambassador() {
  # Bash splits words at ':' and '=', but "redis:6379" is one name and "drain=30s" one value.
  local line=${COMP_LINE:0:COMP_POINT} word command='' current='' previous='' options='' words=''
  local -a said
  read -r -a said <<<"$line"
  [[ $line == *[[:space:]] ]] && said+=('')
  current=${said[-1]}
  [ ${#said[@]} -gt 1 ] && previous=${said[-2]}
  for word in "${said[@]:1:${#said[@]}-2}"; do
    case $word in
      run | check | status | sessions | why | events | rewire | reload | drain | resume | wait | healthcheck | version)
        command=$word
        break
        ;;
    esac
  done
  COMPREPLY=()

  case $previous in
    --config | --control)
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      return
      ;;
    --existing)
      _ambassador_offer 'keep cut drain=30s' "$current"
      return
      ;;
    --timeout | --wait)
      _ambassador_offer '10s 30s 1m 5m' "$current"
      return
      ;;
    --check-timeout)
      _ambassador_offer '1s 3s 10s' "$current"
      return
      ;;
    --close)
      local ids
      ids=$("${said[0]}" sessions --json 2>/dev/null | grep -o '"id":"[^"]*"' | cut -d '"' -f 4)
      _ambassador_offer "$ids" "$current"
      return
      ;;
  esac

  case $command in
    '')
      options='--help --version --config'
      words='run check status sessions why events rewire reload drain resume wait healthcheck version'
      ;;
    run) options='--help --config' ;;
    check) options='--help --config --json --all' ;;
    status) options='--help --json --watch --control' ;;
    sessions) options='--help --json --close --control' ;;
    why) options='--help --json --control' ;;
    events) options='--help --json --control' ;;
    rewire) options='--help --existing --back --dry-run --force --wait --check-timeout --control' ;;
    reload | drain | resume) options='--help --control' ;;
    healthcheck) options='--help --ready --control' ;;
    wait) options='--help --timeout --control' ;;
    version) options='--help --json' ;;
  esac

  if [[ $current == -* ]]; then
    _ambassador_offer "$options" "$current"
    return
  fi
  case $command in
    sessions | why | rewire | drain | resume | wait) words=$(_ambassador_links "${said[0]}") ;;
    run | check)
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      return
      ;;
  esac
  _ambassador_offer "$words" "$current"
}

complete -F _ambassador ambassador
