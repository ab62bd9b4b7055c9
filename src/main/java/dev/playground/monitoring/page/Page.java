package dev.playground.monitoring.page;

import dev.playground.monitoring.http.Accept;
import io.micronaut.context.annotation.Property;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.util.HtmlSanitizer;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The page for browsers: state, faults, own requests, graphs and log lines of the service. */
@Singleton
public final class Page {
    /** No other origin can frame the page, or add a script, a style or a form target to it. */
    private static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src"
                    + " 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final Asset html;
    private final Map<String, Asset> assets;

    Page(
            PageSettings settings,
            @Property(name = "faults.enabled") boolean faults,
            HtmlSanitizer html) {
        String text =
                read("page.html")
                        .replace("{{faults}}", Boolean.toString(faults))
                        .replace("{{grafana}}", html.sanitize(base(settings.grafanaUrl())))
                        .replace("{{prometheus}}", html.sanitize(base(settings.prometheusUrl())))
                        .replace(
                                "{{alertmanager}}",
                                html.sanitize(base(settings.alertmanagerUrl())));
        this.html = Asset.of("page.html", text);
        assets =
                Stream.of(
                                "page.css",
                                "page.js",
                                "chart.js",
                                "metrics.js",
                                "incidents.js",
                                "ledger.js")
                        .collect(
                                Collectors.toMap(
                                        Function.identity(), name -> Asset.of(name, read(name))));
    }

    /** Whether the client is a browser: it prefers HTML to plain text. */
    public static boolean isPreferred(HttpRequest<?> request) {
        return Accept.prefers(
                request.accept(), MediaType.TEXT_HTML_TYPE, MediaType.TEXT_PLAIN_TYPE);
    }

    /** The page itself. */
    public MutableHttpResponse<?> response(HttpRequest<?> request) {
        return html.response(request)
                .header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
                .header("Referrer-Policy", "no-referrer");
    }

    /** A script or the style; empty if there is none of this name. */
    Optional<Asset> asset(String name) {
        return Optional.ofNullable(assets.get(name));
    }

    private static String base(URI url) {
        return url.toString().replaceAll("/+$", "");
    }

    private static String read(String name) {
        try (InputStream file = Page.class.getResourceAsStream("/page/" + name)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
