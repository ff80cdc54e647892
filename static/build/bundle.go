package main

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// entryPoints are the files of static/src that a page names itself; everything else is reached from them by import.
// chart.js and regexp.js are loaded where they are needed, since each has a library of its own.
var entryPoints = map[api.Format][]string{
	api.FormatIIFE:     {"app.css", "app.js", "chart.js"},
	api.FormatESModule: {"regexp.js"}, // what it exports is asked for by whoever loads it
}

// browsers are the oldest that have what the pages are written in (CSS nesting, :has, top-level await); esbuild reports
// or rewrites what they lack.
var browsers = []api.Engine{
	{Name: api.EngineChrome, Version: "120"},
	{Name: api.EngineFirefox, Version: "121"},
	{Name: api.EngineSafari, Version: "17.2"},
}

// bundle joins each entry point with what it imports and minifies it. The result has no inline anything and no eval: it
// must run under a policy that allows scripts and styles from our own origin only.
func bundle(root string) ([]asset, error) {
	absolute, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	var assets []asset
	for _, format := range slices.Sorted(maps.Keys(entryPoints)) {
		built, err := bundleAs(absolute, format, entryPoints[format])
		if err != nil {
			return nil, err
		}
		assets = append(assets, built...)
	}
	return assets, nil
}

func bundleAs(absolute string, format api.Format, names []string) ([]asset, error) {
	result := api.Build(api.BuildOptions{
		AbsWorkingDir:     absolute,
		EntryPoints:       sourcePaths(names),
		Outdir:            "dist", // names the outputs; nothing is written by esbuild itself
		Bundle:            true,
		Format:            format,
		Platform:          api.PlatformBrowser,
		Engines:           browsers,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		Charset:           api.CharsetUTF8,
		LegalComments:     api.LegalCommentsNone, // they are in THIRD_PARTY_NOTICES.txt, in full
		Plugins:           []api.Plugin{colourScales(filepath.Join(absolute, "node_modules", "@radix-ui", "colors"))},
		LogLevel:          api.LogLevelSilent,
	})
	if err := firstProblem(result, len(names)); err != nil {
		return nil, err
	}
	assets := make([]asset, 0, len(result.OutputFiles))
	for _, output := range result.OutputFiles {
		assets = append(assets, asset{filepath.Base(output.Path), output.Contents})
	}
	return assets, nil
}

func sourcePaths(names []string) []string {
	paths := make([]string, 0, len(names))
	for _, name := range names {
		paths = append(paths, "static/src/"+name)
	}
	return paths
}

// firstProblem fails on warnings too: a misspelt CSS property is only a warning to esbuild, and a broken page to a reader.
func firstProblem(result api.BuildResult, wanted int) error {
	options := api.FormatMessagesOptions{Kind: api.ErrorMessage}
	texts := api.FormatMessages(result.Errors, options)
	options.Kind = api.WarningMessage
	texts = append(texts, api.FormatMessages(result.Warnings, options)...)
	if len(texts) > 0 {
		return errors.New("\n" + strings.Join(texts, ""))
	}
	if len(result.OutputFiles) != wanted {
		return fmt.Errorf("the bundler made %d files of %d entry points", len(result.OutputFiles), wanted)
	}
	return nil
}
