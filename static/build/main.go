// Command build turns static/src, static/icons.txt and the npm packages of package.json into static/dist, the files that
// package static embeds: one stylesheet, one script, one sprite of icons, the favicon and the licences of what was bundled,
// each under a name with the hash of its content, and a manifest.json that maps the plain names to them.
//
// It runs from the root of the module, as `go run ./static/build`; templ.yaml runs it when an input changed. It is a
// program of its own so that the bundler is no part of the waylight binary.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
)

func main() {
	log.SetFlags(0)
	root := flag.String("root", ".", "root of the module, with package.json and static/src in it")
	out := flag.String("out", "static/dist", "folder that receives the assets, in place of those of the last build")
	flag.Parse()
	if err := build(*root, *out); err != nil {
		log.Fatalf("building the browser assets: %v", err)
	}
}

// asset is one file for the browser under its plain name, such as app.css.
type asset struct {
	name    string
	content []byte
}

// build collects all assets before it writes the first, so that a failure leaves the last good ones in place.
func build(root, out string) error {
	modules := filepath.Join(root, "node_modules")
	assets, err := bundle(root)
	if err != nil {
		return err
	}
	sprite, err := iconSprite(filepath.Join(root, "static", "icons.txt"), filepath.Join(modules, "lucide-static", "icons"))
	if err != nil {
		return err
	}
	favicon, err := os.ReadFile(filepath.Join(root, "static", "src", "favicon.svg"))
	if err != nil {
		return err
	}
	notices, err := thirdPartyNotices(root)
	if err != nil {
		return err
	}
	assets = append(assets,
		asset{"icons.svg", sprite},
		asset{"favicon.svg", favicon},
		asset{"THIRD_PARTY_NOTICES.txt", notices})
	if err := write(out, assets); err != nil {
		return err
	}
	fmt.Printf("%d assets in %s\n", len(assets), out)
	return nil
}
