# SPDX-License-Identifier: MIT
# fish completion of corotrace(1).
function __corotrace_pids
    for dir in /proc/*
        string match -qr '^/proc/[0-9]+$' $dir; or continue
        set -l exe (readlink $dir/exe 2>/dev/null); or continue
        string match -qr '(python[^/]*|/uwsgi[^/]*)$' $exe; or continue
        printf '%s\t%s\n' (string replace /proc/ '' $dir) (tr '\0[:cntrl:]' '[ *]' <$dir/cmdline 2>/dev/null | string sub -l 60)
    end
end

complete -c corotrace -f
complete -c corotrace -n __fish_use_subcommand -a attach -d 'watch a running process and report what it drops'
complete -c corotrace -n __fish_use_subcommand -a scan -d 'tell what a process holds and never started'
complete -c corotrace -n __fish_use_subcommand -a tasks -d 'tell what every asyncio task waits for'
complete -c corotrace -n __fish_use_subcommand -a detach -d 'remove what a killed corotrace left in a process'
complete -c corotrace -n __fish_use_subcommand -a merge -d 'add up reports'
complete -c corotrace -n __fish_use_subcommand -a list -d 'the Python processes that can be seen from here'
complete -c corotrace -n __fish_use_subcommand -a doctor -d 'tell what stands between here and an attach'
complete -c corotrace -s h -l help -d 'say how it is used'
complete -c corotrace -s V -l version -d 'say the version'

set -l attach '__fish_seen_subcommand_from attach'
complete -c corotrace -n $attach -a '(__corotrace_pids)'
complete -c corotrace -n $attach -s p -l pid -x -a '(__corotrace_pids)' -d 'the process'
complete -c corotrace -n $attach -l name -x -d 'the one Python process of that name'
complete -c corotrace -n $attach -l match -x -d 'the one whose command line has this'
complete -c corotrace -n $attach -s d -l duration -x -a '10s 30s 1m 10m 1h' -d 'end after this time'
complete -c corotrace -n $attach -s s -l subprocesses -d 'its children too'
complete -c corotrace -n $attach -l max-events -x -d 'end after so many drops were looked at'
complete -c corotrace -n $attach -l include -x -d 'only coroutines whose name or file matches'
complete -c corotrace -n $attach -l own -x -d 'files that are your code too'
complete -c corotrace -n $attach -l stack -x -a 'own full' -d 'whether frames of libraries fold'
complete -c corotrace -n $attach -l exclude -x -d 'not those that match'
complete -c corotrace -n $attach -l every -d 'each drop, not only new sites'
complete -c corotrace -n $attach -s n -l native -d 'the native stack too'
complete -c corotrace -n $attach -s l -l show-values -d 'the values of arguments'
complete -c corotrace -n $attach -l show-value -x -d 'the value of arguments of this name, secrets too'
complete -c corotrace -n $attach -l dry-run -d 'say what would be written where'
complete -c corotrace -n $attach -l read-only -d 'write nothing, tell what the own warnings blamed'
complete -c corotrace -n $attach -l origin -x -a 'auto off 1 5 10' -d 'note where coroutines are created'
complete -c corotrace -n $attach -l max-pause-share -x -d 'percent of time of all pauses'
complete -c corotrace -n $attach -s f -l format -x -a 'text jsonl html sarif junit github gitlab' -d 'how the report is written'
complete -c corotrace -n $attach -s o -l output -r -F -d 'write the report there'
complete -c corotrace -n $attach -l source-root -x -a '(__fish_complete_directories)' -d 'files under it are told relative to it'
complete -c corotrace -n $attach -l color -x -a 'auto always never' -d 'when to use colors'
complete -c corotrace -n $attach -s q -l quiet -d 'the report and errors only'
complete -c corotrace -n $attach -s v -l verbose -d 'what corotrace does'
complete -c corotrace -n $attach -l fail-on -x -a 'any never-awaited task-destroyed task-exception' -d 'exit with 1 if such was found'
complete -c corotrace -n $attach -l strict -d 'exit with 6 if the count is not proved exact'

set -l detach '__fish_seen_subcommand_from detach'
complete -c corotrace -n $detach -a '(__corotrace_pids)'
complete -c corotrace -n $detach -s p -l pid -x -a '(__corotrace_pids)' -d 'the process'

set -l look '__fish_seen_subcommand_from scan tasks'
complete -c corotrace -n $look -a '(__corotrace_pids)'
complete -c corotrace -n $look -s p -l pid -x -a '(__corotrace_pids)' -d 'the process'
complete -c corotrace -n $look -s l -l show-values -d 'the values of arguments'
complete -c corotrace -n $look -l tree -d 'each task under the one that waits for it'
complete -c corotrace -n $look -l check-lists -d 'hold the result against the collector\'s lists'
complete -c corotrace -n $look -s f -l format -x -a 'text jsonl' -d 'how the report is written'
complete -c corotrace -n $look -s o -l output -r -F -d 'write the report there'
set -l merge '__fish_seen_subcommand_from merge'
complete -c corotrace -n $merge -F
complete -c corotrace -n $merge -s f -l format -x -a 'text jsonl html sarif junit github gitlab' -d 'how the report is written'
complete -c corotrace -n $merge -s o -l output -r -F -d 'write the report there'
complete -c corotrace -n $merge -l source-root -x -a '(__fish_complete_directories)' -d 'files under it are told relative to it'
complete -c corotrace -n $merge -l color -x -a 'auto always never' -d 'when to use colors'
complete -c corotrace -n $merge -l fail-on -x -a 'any never-awaited task-destroyed task-exception' -d 'exit with 1 if such was found'
set -l list '__fish_seen_subcommand_from list'
complete -c corotrace -n $list -l name -x -d 'only those of that name'
complete -c corotrace -n $list -l match -x -d 'only those whose command line has this'
complete -c corotrace -n $list -s u -l user -x -a '(__fish_complete_users)' -d 'only those of that user'
complete -c corotrace -n $list -l cgroup -x -d 'only those whose control group has this'
complete -c corotrace -n $list -s f -l format -x -a 'text jsonl' -d 'how the list is written'
set -l doctor '__fish_seen_subcommand_from doctor'
complete -c corotrace -n $doctor -a '(__corotrace_pids)'
complete -c corotrace -n $doctor -s p -l pid -x -a '(__corotrace_pids)' -d 'the process'
complete -c corotrace -n $doctor -l name -x -d 'the one Python process of that name'
complete -c corotrace -n $doctor -l match -x -d 'the one whose command line has this'
complete -c corotrace -n $doctor -s f -l format -x -a 'text jsonl' -d 'how the checks are written'
complete -c corotrace -n $doctor -l color -x -a 'auto always never' -d 'when to use colors'
