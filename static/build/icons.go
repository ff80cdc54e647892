package main

import (
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// symbolAttributes is how every lucide icon is drawn. They stand on each symbol, because a sprite in a file of its own is
// out of reach of the page's stylesheet; currentColor is inherited into it all the same.
const symbolAttributes = `fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"`

// icon is the part of an icon's file that goes into the sprite.
type icon struct {
	ViewBox string `xml:"viewBox,attr"`
	Shapes  string `xml:",innerxml"`
}

// iconSprite makes one SVG file with a <symbol> for each name in the list.
func iconSprite(list, folder string) ([]byte, error) {
	text, err := os.ReadFile(list)
	if err != nil {
		return nil, err
	}
	var sprite strings.Builder
	sprite.WriteString(`<svg xmlns="http://www.w3.org/2000/svg">` + "\n")
	seen := map[string]bool{}
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		name, _, _ := strings.Cut(line, "#")
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if seen[name] {
			return nil, fmt.Errorf("%s:%d: icon %q is listed twice", list, number, name)
		}
		seen[name] = true
		if err := writeSymbol(&sprite, folder, name); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", list, number, err)
		}
	}
	sprite.WriteString("</svg>\n")
	return []byte(sprite.String()), nil
}

func writeSymbol(sprite *strings.Builder, folder, name string) error {
	text, err := os.ReadFile(filepath.Join(folder, filepath.Base(name)+".svg"))
	if err != nil {
		return fmt.Errorf("icon %q: %w", name, err)
	}
	var drawn icon
	if err := xml.Unmarshal(text, &drawn); err != nil {
		return fmt.Errorf("icon %q: %w", name, err)
	}
	shapes := strings.Join(strings.Fields(drawn.Shapes), " ")
	fmt.Fprintf(sprite, "<symbol id=%q viewBox=%q %s>%s</symbol>\n", name, drawn.ViewBox, symbolAttributes, shapes)
	return nil
}
