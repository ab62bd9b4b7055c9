package dev.playground.monitoring.metrics;

import io.micronaut.context.annotation.Primary;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.server.netty.HttpCompressionStrategy;
import io.micronaut.http.server.netty.configuration.NettyHttpServerConfiguration;
import io.netty.handler.codec.http.HttpResponse;
import jakarta.inject.Singleton;

/**
 * Compresses the exposition in both formats, and nothing else: all other responses are too small.
 * Micronaut's {@code DefaultHttpCompressionStrategy} compresses what {@code MediaType.isTextBased}
 * accepts, and that does not include OpenMetrics.
 */
@Singleton
@Primary
final class MetricsCompression implements HttpCompressionStrategy {
    private final int level;
    private final int maxZstdEncodeSize;

    MetricsCompression(NettyHttpServerConfiguration configuration) {
        level = configuration.getCompressionLevel();
        maxZstdEncodeSize = configuration.getMaxZstdEncodeSize();
    }

    @Override
    public boolean isEnabled() {
        return true;
    }

    @Override
    public boolean shouldCompress(HttpResponse response) {
        return ExpositionFormat.isContentType(response.headers().get(HttpHeaders.CONTENT_TYPE));
    }

    @Override
    public int getCompressionLevel() {
        return level;
    }

    @Override
    public int getMaxZstdEncodeSize() {
        return maxZstdEncodeSize;
    }
}
