// SPDX-FileCopyrightText: Slipway contributors
// SPDX-License-Identifier: GPL-3.0-or-later

// Slow is a bad release of podinfo: started as podinfo is, it starts podinfo with delays turned on, whatever its
// Deployment says. No request fails, and each takes longer than a second.
package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

const original = "/podinfo.real"

func main() {
	arguments := []string{original}
	for _, argument := range os.Args[1:] {
		if !strings.HasPrefix(argument, "--random-delay") {
			arguments = append(arguments, argument)
		}
	}
	delays := []string{
		"--random-delay=true", "--random-delay-unit=ms", "--random-delay-min=1000", "--random-delay-max=1500",
	}
	err := syscall.Exec(original, append(arguments, delays...), os.Environ())
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
