package web

import (
	"embed"
	"mime"
	"net/http"
	"path"
	"strconv"
)

//go:embed static
var static embed.FS

// page is one file of the page.
type page struct {
	kind string
	body []byte
}

// pages are the files by the path they are served at: the list is closed when the program
// starts, so no path can lead anywhere else.
var pages = readPages()

func readPages() map[string]page {
	out := map[string]page{}
	files, err := static.ReadDir("static")
	if err != nil {
		panic(err) // the files are part of the program
	}
	for _, f := range files {
		body, err := static.ReadFile(path.Join("static", f.Name()))
		if err != nil {
			panic(err)
		}
		at := "/" + f.Name()
		if f.Name() == "index.html" {
			at = "/{$}"
		}
		out[at] = page{kindOf(path.Ext(f.Name())), body}
	}
	return out
}

// kindOf does not ask the machine: what a browser may run must not hang on its MIME table.
func kindOf(ext string) string {
	switch ext {
	case ".html":
		return "text/html; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return mime.TypeByExtension(ext)
}

func (p page) serve(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", p.kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(p.body)))
	w.Write(p.body)
}
