package static

import (
	_ "embed"
	"strings"
)

//go:embed icons.txt
var iconList string

// Icons lists the names that IconURL knows, in the order of icons.txt. It does not need the assets to be built, so that a
// test of the views can hold every icon that they use against it.
func Icons() []string {
	var names []string
	for line := range strings.Lines(iconList) {
		name, _, _ := strings.Cut(line, "#")
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}
