package ui

import "time"

// Evidence is one exact field or line a statement rests on, ready to print.
type Evidence struct {
	Source    string // "kubernetes", "ztunnel/node-a"
	Kind      string // of the object, in words; empty where there is none
	Object    string // "shop/orders"
	ObjectURL string // page of the object, empty if it has none; a path of ours
	Field     string // "metadata.labels[istio.io/use-waypoint]"
	Text      string
	Time      time.Time // zero where the evidence has none
}
