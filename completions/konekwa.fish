# fish completion for konekwa: asks the program itself, which knows its commands and asks konekwad for ids. What it says
# is told in cli/candidates.h.
function __konekwa_complete
    set -l words (commandline -opc)
    # Up to the cursor, without quotation marks, of which the last one may still be open.
    set -l token (commandline -ct)
    set -l word (string unescape -- $token; or string unescape -- $token\"; or string unescape -- $token\')
    for line in (konekwa __complete -- $words[2..] "$word" 2>/dev/null)
        set -l parts (string split \t -- $line)
        if test "$parts[1]" != ''
            echo $line
        else if test "$parts[2]" = files
            set -l kept $parts[3] # "--csv=", which is no part of the name
            set -l begun (string sub -s (math 1 + (string length -- "$kept")) -- "$word")
            for path in (__fish_complete_path "$begun")
                echo $kept$path
            end
        end
    end
end
complete -c konekwa -f -a '(__konekwa_complete)'
