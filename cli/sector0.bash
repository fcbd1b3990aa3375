# SPDX-License-Identifier: MIT
# bash completion for sector0: commands, options, and files where they belong.
# Commands and options are asked of the command itself, so that this file
# cannot fall behind.

_sector0_words()
{
	local words=("${COMP_WORDS[@]:1:COMP_CWORD-1}") word skip=
	command=
	for word in "${words[@]}"; do
		if [[ $skip ]]; then
			skip=
		elif [[ $word == @(-d|--device|--address|--format|--chip|--chip-file|--erase|--record|--times|--reconnect|--port|--listen|--count|--time-scale|--control|--log) ]]; then
			skip=1
		elif [[ $word != -* ]]; then
			command=$word
			return
		fi
	done
}

# words of `sector0 sim`
_sector0_sim()
{
	case ${COMP_WORDS[COMP_CWORD-1]} in
	sim) choices="serve control log help" ;;
	serve) choices="stm32h743" ;;
	control) choices="help list power reset boot0 unplug replug fault counters
		log started word peek quit" ;;
	power) choices="on off cycle" ;;
	boot0) choices="held released" ;;
	esac
}

_sector0_chips()
{
	sector0 chips 2>/dev/null | sed -n '/ 0x\| - /s/ .*//p'
}

_sector0()
{
	local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
	local command choices=

	_sector0_words
	case $before in
	# not what `list` finds: a key pressed here must not open devices
	-d|--device) choices="usb: serial: sim:stm32h743" ;;
	--erase) choices="needed all none" ;;
	--format) choices="bin hex s19 elf dfu uf2" ;;
	--chip) choices=$(_sector0_chips) ;;
	--address|--times|--reconnect|--port|--listen|--count|--time-scale) return ;;
	--record|--chip-file|--control|--log)
		compopt -o default 2>/dev/null
		return ;;
	*)
		if [[ $current == -* ]]; then
			choices=$(sector0 ${command:+"$command"} --help 2>/dev/null |
				grep -o -- '--[a-z-]*')
		elif [[ ! $command ]]; then
			choices=$(sector0 --help 2>/dev/null | sed -n 's/^  \([a-z]*\)  .*/\1/p')
		elif [[ $command == chips ]]; then
			choices=$(_sector0_chips)
		elif [[ $command == sim ]]; then
			_sector0_sim
		elif [[ $command == trace && $before == trace ]]; then
			choices="show replay check"
		elif [[ $command == option && $before == option ]]; then
			choices="show save"
		elif [[ $command == @(flash|plan|verify|convert|read|trace|option) ]]; then
			compopt -o default 2>/dev/null
			return
		fi ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$current")
	# readline splits words at colons; take back what is already there
	if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then
		COMPREPLY=("${COMPREPLY[@]#"${current%"${current##*:}"}"}")
	fi
}

complete -F _sector0 sector0
