package main

import "github.com/waylight/waylight/server"

var _ server.Hurrier = (*proxies)(nil)

// ReadAll implements server.Hurrier. The proxies of a bundle were all read at
// the start.
func (p *proxies) ReadAll() {
	if p.sweep != nil {
		p.sweep.ReadAll()
	}
}
