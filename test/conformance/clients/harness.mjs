/**
 * What every client here does, as harnesses for the Autobahn test suite do: asks how many cases there are, opens a WebSocket for each and
 * sends back what comes, and asks for the reports.
 */

/**
 * @param visit Opens a WebSocket to a URL, sends what `answer` returns for a message unless that is `undefined`, and resolves once the
 * WebSocket is over or was refused.
 */
export async function runCases(visit, url, agent) {
  let count = 0
  await visit(`${url}/getCaseCount`, (data) => {
    count = Number(data)
  })
  for (let number = 1; number <= count; number++)
    await visit(`${url}/runCase?case=${number}&agent=${agent}`, (data) => data)
  await visit(`${url}/updateReports?agent=${agent}`, () => undefined)
}
