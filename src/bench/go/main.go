// The standard library's server with the client library of Prometheus and a JSON log. It does not push.
package main

import (
	"io"
	"log/slog"
	"net/http"
	"os"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

func main() {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stdout, nil)))
	histogram := promauto.NewHistogramVec(prometheus.HistogramOpts{
		Name: "http_request_duration_seconds",
		Help: "Duration of each HTTP request in seconds",
	}, []string{"method", "code"})

	home := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		slog.Info("Request received on / route")
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, "Hello World")
	})
	http.Handle("GET /{$}", promhttp.InstrumentHandlerDuration(histogram, home))
	http.Handle("GET /metrics", promhttp.Handler())
	slog.Error("The server stopped", "error", http.ListenAndServe(":"+os.Getenv("PORT"), nil))
	os.Exit(1)
}
