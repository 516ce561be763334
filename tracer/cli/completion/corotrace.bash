# SPDX-License-Identifier: MIT
# bash completion of corotrace(1).
_corotrace_pids() {
    local dir target
    for dir in /proc/[0-9]*; do
        target=$(readlink "$dir/exe" 2>/dev/null) || continue
        [[ ${target##*/} == *python* || ${target##*/} == uwsgi* ]] && echo "${dir#/proc/}"
    done
}

_corotrace() {
    local cur prev words cword split
    _init_completion -s || return
    local verbs='attach top run scan tasks detach merge list doctor serve config'
    if ((cword == 1)); then
        COMPREPLY=($(compgen -W "$verbs --help --version" -- "$cur"))
        return
    fi
    if [[ ${words[1]} == detach && $cur == -* ]]; then
        COMPREPLY=($(compgen -W '--pid --help' -- "$cur"))
        return
    fi
    if [[ ${words[1]} == @(scan|tasks) && $prev == @(-f|--format) ]]; then
        COMPREPLY=($(compgen -W 'text jsonl html' -- "$cur"))
        return
    fi
    if [[ ${words[1]} == @(scan|tasks) && $cur == -* ]]; then
        COMPREPLY=($(compgen -W '--pid --core --root --show-values --tree --holder-time --check-lists --watch --freeze --max-bandwidth --format --output --help' -- "$cur"))
        return
    fi
    if [[ ${words[1]} == list ]]; then
        case $prev in
            -f | --format) COMPREPLY=($(compgen -W 'text jsonl' -- "$cur")) ;;
            -u | --user) COMPREPLY=($(compgen -u -- "$cur")) ;;
            *) COMPREPLY=($(compgen -W '--name --match --user --cgroup --format --help' -- "$cur")) ;;
        esac
        return
    fi
    if [[ ${words[1]} == doctor && $cur == -* ]]; then
        COMPREPLY=($(compgen -W '--pid --name --match --format --color --help' -- "$cur"))
        return
    fi
    if [[ ${words[1]} == config ]]; then
        if [[ $prev == check ]]; then _filedir; else COMPREPLY=($(compgen -W 'check --help' -- "$cur")); fi
        return
    fi
    if [[ ${words[1]} == serve ]]; then
        case $prev in
            --config | --token-file | --tls-certificate | --tls-key) _filedir ;;
            -u | --user) COMPREPLY=($(compgen -u -- "$cur")) ;;
            --hold) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")) ;;
            --origin) COMPREPLY=($(compgen -W 'auto off 1 5 10' -- "$cur")) ;;
            *) COMPREPLY=($(compgen -W '--name --match --user --cgroup --include --exclude --own --hold --origin
                --max-pause-share --listen --insecure-listen --token-file --tls-certificate --tls-key --otlp-endpoint --config --quiet --verbose --help --version' -- "$cur")) ;;
        esac
        return
    fi
    case $prev in
        -p | --pid) COMPREPLY=($(compgen -W "$(_corotrace_pids)" -- "$cur")) ;;
        -f | --format) COMPREPLY=($(compgen -W 'text jsonl html sarif junit github gitlab' -- "$cur")) ;;
        -o | --output | --baseline) _filedir ;;
        --source-root) _filedir -d ;;
        --interval) COMPREPLY=($(compgen -W '500ms 1s 5s' -- "$cur")) ;;
        -d | --duration) COMPREPLY=($(compgen -W '10s 30s 1m 10m 1h' -- "$cur")) ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")) ;;
        --hold) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")) ;;
        --origin) COMPREPLY=($(compgen -W 'auto off 1 5 10' -- "$cur")) ;;
        --stack) COMPREPLY=($(compgen -W 'own full' -- "$cur")) ;;
        --fail-on) COMPREPLY=($(compgen -W 'any never-awaited task-destroyed task-exception' -- "$cur")) ;;
        --max-events | --max-pause-share | --show-value | --name | --match | --include | --exclude | --own) ;;
        *)
            if [[ $cur == -* ]]; then
                [[ ${words[1]} == merge ]] && COMPREPLY=($(compgen -W '--format --output --source-root --color --fail-on
                    --help' -- "$cur")) && return
                [[ ${words[1]} == run ]] && COMPREPLY=($(compgen -W '--include --exclude --own --stack --every --native --show-values
                    --show-value --origin --max-pause-share --format --output --source-root --color --quiet --verbose --fail-on --baseline
                    --update-baseline --strict --help --version' -- "$cur")) && return
                [[ ${words[1]} == top ]] && COMPREPLY=($(compgen -W '--pid --name --match --duration --subprocesses --interval --include
                    --exclude --own --stack --native --show-values --show-value --hold --origin --max-pause-share --color --quiet --verbose
                    --help --version' -- "$cur")) && return
                COMPREPLY=($(compgen -W '--pid --name --match --duration --subprocesses --max-events --include --exclude --own --stack --every --native
                    --show-values --show-value --dry-run --read-only --hold --origin --max-pause-share --format --output --source-root --color --quiet --verbose
                    --fail-on --baseline --update-baseline --strict --help --version' -- "$cur"))
            elif [[ ${words[1]} == run ]]; then
                _command
            elif [[ ${words[1]} == merge ]]; then
                _filedir jsonl
            else
                COMPREPLY=($(compgen -W "$(_corotrace_pids)" -- "$cur"))
            fi
            ;;
    esac
} && complete -F _corotrace corotrace
