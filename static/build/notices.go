package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// lockedPackage is one entry of package-lock.json.
type lockedPackage struct {
	folder  string // the key, "node_modules/htmx.org"
	Version string `json:"version"`
	License string `json:"license"`
}

// thirdPartyNotices writes the licences of all npm packages in the lock file in full, which their licences ask of whoever
// passes them on. A package without a licence file is an error: it must not be shipped.
func thirdPartyNotices(root string) ([]byte, error) {
	packages, err := lockedPackages(filepath.Join(root, "package-lock.json"))
	if err != nil {
		return nil, err
	}
	var notices bytes.Buffer
	notices.WriteString("The pages of Waylight contain parts of the following packages.\n")
	for _, locked := range packages {
		license, err := licenseText(filepath.Join(root, locked.folder))
		if err != nil {
			return nil, err
		}
		name := strings.TrimPrefix(locked.folder, "node_modules/")
		fmt.Fprintf(&notices, "\n%s\n%s %s (%s)\n\n%s\n", strings.Repeat("-", 72), name, locked.Version, locked.License, license)
	}
	return notices.Bytes(), nil
}

func lockedPackages(path string) ([]lockedPackage, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var lock struct {
		Packages map[string]lockedPackage `json:"packages"`
	}
	if err := json.Unmarshal(text, &lock); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	delete(lock.Packages, "") // the project itself
	packages := make([]lockedPackage, 0, len(lock.Packages))
	for folder, locked := range lock.Packages {
		locked.folder = folder
		packages = append(packages, locked)
	}
	slices.SortFunc(packages, func(a, b lockedPackage) int { return cmp.Compare(a.folder, b.folder) })
	return packages, nil
}

func licenseText(folder string) (string, error) {
	files, err := filepath.Glob(filepath.Join(folder, "LICEN[CS]E*"))
	if err != nil {
		return "", err
	}
	if len(files) == 0 {
		return "", fmt.Errorf("%s has no licence file", folder)
	}
	text, err := os.ReadFile(files[0])
	return strings.TrimSpace(string(text)), err
}
