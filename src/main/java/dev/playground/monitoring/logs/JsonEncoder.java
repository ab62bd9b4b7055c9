package dev.playground.monitoring.logs;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.HexFormat;

/**
 * One event as one JSON object on one physical line, for an agent that tails standard output:
 * {@code ts} (RFC 3339, UTC, nine digits of a second), {@code level}, what {@link LogMetadata} has,
 * {@code line} ({@link LogLine}).
 */
public final class JsonEncoder extends EncoderBase<ILoggingEvent> {
    // A string, because Promtail reads a number as a float and loses some 256 ns of it.
    private static final DateTimeFormatter RFC_3339_NANOS =
            new DateTimeFormatterBuilder().appendInstant(9).toFormatter();

    /** In bytes; a runtime keeps a longer line in parts. */
    private static final int CONTAINER_LINE = 16 * 1024;

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        StringBuilder json = new StringBuilder(256).append("{\"ts\":\"");
        RFC_3339_NANOS.formatTo(timestamp(event), json);
        json.append('"');
        field(json, "level", event.getLevel().toString());
        LogMetadata.forEach(event, (name, value) -> field(json, name, value));
        field(json, "line", LogLine.of(event));
        json.append("}\n");
        byte[] line = json.toString().getBytes(StandardCharsets.UTF_8);
        return line.length > CONTAINER_LINE ? ascii(json) : line;
    }

    /** Docker cuts between bytes, and destroys a character of more than one that it cuts in two. */
    private static byte[] ascii(CharSequence json) {
        StringBuilder ascii = new StringBuilder(json.length() * 2);
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (c < 0x80) {
                ascii.append(c);
            } else {
                unicodeEscape(ascii, c);
            }
        }
        return ascii.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** As the pushing appender reckons it: milliseconds from one field, the rest from the other. */
    private static Instant timestamp(ILoggingEvent event) {
        return Instant.ofEpochMilli(event.getTimeStamp())
                .plusNanos(event.getNanoseconds() % 1_000_000);
    }

    private static void field(StringBuilder json, String name, String value) {
        json.append(",\"").append(name).append("\":\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"', '\\' -> json.append('\\').append(c);
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                default -> {
                    if (c < ' ') {
                        unicodeEscape(json, c);
                    } else {
                        json.append(c);
                    }
                }
            }
        }
        json.append('"');
    }

    private static void unicodeEscape(StringBuilder json, char c) {
        json.append("\\u").append(HexFormat.of().toHexDigits(c));
    }
}
