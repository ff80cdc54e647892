package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"
)

// envName is the environment twin of a flag: --log-format is
// WAYLIGHT_LOG_FORMAT. KUBECONFIG is read as kubectl reads it and is not one
// of these.
func envName(flag string) string {
	return "WAYLIGHT_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// applyEnv gives flags that were not typed the value of their twin. A flag that
// can be repeated takes a comma-separated list there.
func applyEnv(flags *pflag.FlagSet, getenv func(string) (string, bool)) error {
	var errs []error
	flags.VisitAll(func(f *pflag.Flag) {
		value, ok := getenv(envName(f.Name))
		if f.Changed || !ok || f.Name == "help" {
			return
		}
		if err := flags.Set(f.Name, value); err != nil {
			errs = append(errs, fmt.Errorf("environment variable %s: %w", envName(f.Name), err))
		}
	})
	return errors.Join(errs...)
}
