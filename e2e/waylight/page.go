package waylight

import (
	"bytes"
	"fmt"
	"strings"

	"golang.org/x/net/html"
)

// Page answers the text of a page as a reader without JavaScript and styles gets it, with single spaces.
func (s *Server) Page(path string) (string, error) {
	body, err := s.get(path)
	if err != nil {
		return "", err
	}
	document, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	var words []string
	for node := range document.Descendants() {
		if node.Type == html.TextNode && !unseen[node.Parent.Data] {
			words = append(words, strings.Fields(node.Data)...)
		}
	}
	return strings.Join(words, " "), nil
}

// unseen are the elements whose text is not for readers.
var unseen = map[string]bool{"script": true, "style": true, "template": true}

// ExpectText answers nil when a page has all of texts.
func (s *Server) ExpectText(path string, texts ...string) error {
	page, err := s.Page(path)
	if err != nil {
		return err
	}
	for _, text := range texts {
		if !strings.Contains(page, text) {
			return fmt.Errorf("%s has no %q: %.600s", path, text, page)
		}
	}
	return nil
}
