package web

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

var (
	importLine  = regexp.MustCompile(`(?m)^import \{ ([^}]+) \} from '\./(\w+)\.js';\n`)
	exportDecl  = regexp.MustCompile(`(?m)^export ((?:async )?function|const) ([\w$]+)`)
	exportNames = regexp.MustCompile(`(?m)^export \{ ([^}]+) \};\n`)
)

// asset is a file of the page.
func asset(name string) string {
	body, err := static.ReadFile(path.Join("static", name))
	if err != nil {
		panic(err) // the files are part of the program
	}
	return string(body)
}

// bundle makes one classic script of the page's modules, for a page that cannot load any:
// each becomes a function's inside, after those that it imports from. instead puts one
// module in another's place. It understands the few forms of import and export that the
// page uses, and a test runs what it makes.
func bundle(instead map[string]string) (string, error) {
	var out strings.Builder
	done := map[string]bool{}
	var add func(name string) error
	add = func(name string) error {
		if done[name] {
			return nil
		}
		done[name] = true
		file := name
		if other, ok := instead[name]; ok {
			file = other
		}
		text := asset(file + ".js")
		for _, m := range importLine.FindAllStringSubmatch(text, -1) {
			if err := add(m[2]); err != nil {
				return err
			}
		}
		text, err := module(text)
		if err != nil {
			return fmt.Errorf("%s.js: %w", file, err)
		}
		fmt.Fprintf(&out, "const module_%s = (() => {\n%s})();\n", name, text)
		return nil
	}
	err := add("app")
	return "'use strict';\n" + out.String(), err
}

// module is a module's text as the inside of a function that returns what it exports.
func module(text string) (string, error) {
	var names []string
	for _, m := range exportDecl.FindAllStringSubmatch(text, -1) {
		names = append(names, m[2])
	}
	for _, m := range exportNames.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	text = importLine.ReplaceAllString(text, "const { $1 } = module_$2;\n")
	text = exportDecl.ReplaceAllString(text, "$1 $2")
	text = exportNames.ReplaceAllString(text, "")
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "import ") || strings.HasPrefix(line, "export ") {
			return "", fmt.Errorf("cannot bundle %q", strings.TrimSpace(line))
		}
	}
	return text + "return { " + strings.Join(names, ", ") + " };\n", nil
}
