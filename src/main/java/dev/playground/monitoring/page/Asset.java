package dev.playground.monitoring.page;

import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * A file of the page as the browser gets it.
 *
 * @param etag of the content, quoted
 */
record Asset(byte[] content, String type, String etag) {
    /**
     * @param name its extension decides the type
     */
    static Asset of(String name, String text) {
        byte[] content = text.getBytes(StandardCharsets.UTF_8);
        String type = MediaType.forFilename(name).getName() + ";charset=utf-8";
        return new Asset(content, type, "\"" + UUID.nameUUIDFromBytes(content) + "\"");
    }

    /** The content; 304 if the browser has it. The browser asks each time: an update is seen. */
    MutableHttpResponse<?> response(HttpRequest<?> request) {
        String known = String.join(",", request.getHeaders().getAll(HttpHeaders.IF_NONE_MATCH));
        MutableHttpResponse<?> response =
                known.contains(etag) ? HttpResponse.notModified() : HttpResponse.ok(content);
        return response.contentType(type)
                .header(HttpHeaders.ETAG, etag)
                .header(HttpHeaders.CACHE_CONTROL, "no-cache")
                .header("X-Content-Type-Options", "nosniff");
    }
}
