complete -c rigz -s S -l suffix -d 'use suffix SUF on compressed files' -r
complete -c rigz -s A -l alias -d 'the name to save for standard input' -r
complete -c rigz -s b -l blocksize -d 'cut input into blocks of SIZE KiB; 1e9: benchmark of levels 1 to 9' -r
complete -c rigz -s C -l comment -d 'save TEXT as the comment' -r
complete -c rigz -s p -s T -l processes -l threads -d 'use up to N threads; 0, the default: one per processor' -r
complete -c rigz -l memory -d 'use no more threads than SIZE bytes of memory (16M or more) suffice for' -r
complete -c rigz -s o -l output -d 'write to FILE, keep input files' -r
complete -c rigz -s a -l ascii -d 'ignored: lines end here as they do there'
complete -c rigz -s c -l stdout -l to-stdout -d 'write on standard output, keep input files'
complete -c rigz -s d -l decompress -l uncompress -d 'decompress'
complete -c rigz -s f -l force -d 'replace output files, read links, use a terminal'
complete -c rigz -s h -l help -d 'give this help'
complete -c rigz -s k -l keep -d 'keep (don\'t delete) input files'
complete -c rigz -s l -l list -d 'list sizes of compressed files'
complete -c rigz -s L -l license -d 'tell the licence'
complete -c rigz -s n -l no-name -d 'do not save or restore the name and the time'
complete -c rigz -s N -l name -d 'save or restore the name and the time'
complete -c rigz -s q -l quiet -l silent -d 'suppress all warnings, and progress'
complete -c rigz -s r -l recursive -d 'operate recursively on directories'
complete -c rigz -s R -l rsyncable -d 'cut where the content says, so that a change stays local'
complete -c rigz -s Y -l synchronous -d 'put output on the disk even if the input is kept'
complete -c rigz -s t -l test -d 'test the integrity of compressed files'
complete -c rigz -s v -l verbose -d 'tell what was done'
complete -c rigz -s V -l version -d 'tell the version'
complete -c rigz -s 0 -d 'store, do not compress'
complete -c rigz -s 1 -l fast -d 'compress faster'
complete -c rigz -s 9 -l best -d 'compress better'
complete -c rigz -s H -l huffman -d 'use Huffman codes alone, no matches'
complete -c rigz -s i -l independent -d 'compress blocks without regard to those before'
complete -c rigz -s K -l zip -d 'write zip files of one entry (.zip)'
complete -c rigz -s m -l no-time -d 'do not save or restore the time'
complete -c rigz -s M -l time -d 'save or restore the time'
complete -c rigz -s U -l rle -d 'look for runs of bytes alone'
complete -c rigz -s z -l zlib -d 'write zlib streams (.zz)'
complete -c rigz -l json -d 'with -l or -t: a JSON object per file'
complete -c rigz -l no-sync -d 'let input go before output is on the disk, as gzip does'
complete -c rigz -l rm -d 'delete input files, also with -o'
complete -c rigz -s 2
complete -c rigz -s 3
complete -c rigz -s 4
complete -c rigz -s 5
complete -c rigz -s 6
complete -c rigz -s 7
complete -c rigz -s 8
