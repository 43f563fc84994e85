# docker build -t facegap . && docker run --rm --user "$(id -u)" -v ./photos:/photos:ro -v ./out:/out facegap evaluate /photos --model dlib -o /out/report
FROM python:3.12-slim AS build
WORKDIR /source
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY src src
RUN python -m venv /facegap && /facegap/bin/pip install --no-cache-dir --constraint constraints.txt ".[arcface]"

FROM python:3.12-slim
COPY --from=build /facegap /facegap
ENV PATH=/facegap/bin:$PATH
USER 65534:65534
WORKDIR /tmp
HEALTHCHECK CMD ["facegap", "doctor"]
ENTRYPOINT ["facegap"]
CMD ["doctor"]
