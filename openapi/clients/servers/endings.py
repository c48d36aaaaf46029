"""Jobs of a stubbed engine: each runs until `POST /stub/jobs/{id}/{ending}` tells how it ends."""
import asyncio

endings = {}


def of(job):
    """What becomes of a job: `completes`, `breaks` or `refuses`."""
    return endings.setdefault(job, asyncio.get_running_loop().create_future())


def serve(app):
    @app.post("/stub/jobs/{job}/{ending}")
    async def end(job: str, ending: str):
        of(job).set_result(ending)
