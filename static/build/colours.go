package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// The selectors under which the colour package publishes its custom properties.
const (
	lightSelector = ":root, .light, .light-theme"
	darkSelector  = ".dark, .dark-theme"
)

// colourScales lets a stylesheet say @import "scale:slate" for a light and a dark colour scale under the same custom
// properties. The package ships dark values under a class that something must set; here they follow the system without any
// script, <html data-theme="light"> or "dark" overrides the system, and paper is always light.
func colourScales(folder string) api.Plugin {
	return api.Plugin{Name: "colour scales", Setup: func(build api.PluginBuild) {
		build.OnResolve(api.OnResolveOptions{Filter: "^scale:"}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
			return api.OnResolveResult{Path: strings.TrimPrefix(args.Path, "scale:"), Namespace: "scale"}, nil
		})
		build.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: "scale"}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
			text, err := colourScale(folder, args.Path)
			if err != nil {
				return api.OnLoadResult{}, err
			}
			return api.OnLoadResult{Contents: &text, Loader: api.LoaderCSS}, nil
		})
	}}
}

// colourScale is the stylesheet of one scale, "slate" or "slate-alpha".
func colourScale(folder, name string) (string, error) {
	hue, alpha := strings.CutSuffix(name, "-alpha")
	darkName := hue + "-dark"
	if alpha {
		darkName += "-alpha"
	}
	light, err := readScale(folder, name, lightSelector)
	if err != nil {
		return "", err
	}
	dark, err := readScale(folder, darkName, darkSelector)
	if err != nil {
		return "", err
	}
	return strings.Join([]string{
		strings.ReplaceAll(light, lightSelector, ":root"),
		"@media screen and (prefers-color-scheme: dark) {",
		strings.ReplaceAll(dark, darkSelector, `:root:not([data-theme="light"])`),
		"}",
		"@media screen {",
		strings.ReplaceAll(dark, darkSelector, `:root[data-theme="dark"]`),
		"}",
	}, "\n"), nil
}

// readScale insists on the selector it is going to replace, so that a new release of the package cannot quietly leave the
// pages without colours.
func readScale(folder, name, selector string) (string, error) {
	text, err := os.ReadFile(filepath.Join(folder, filepath.Base(name)+".css"))
	if err != nil {
		return "", fmt.Errorf("colour scale %q: %w", name, err)
	}
	if !strings.Contains(string(text), selector) {
		return "", fmt.Errorf("colour scale %q has no rule for %q", name, selector)
	}
	return string(text), nil
}
